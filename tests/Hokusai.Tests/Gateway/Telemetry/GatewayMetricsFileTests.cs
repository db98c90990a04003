using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Hokusai.Gateway.Telemetry;
using Hokusai.Gateway.Telemetry.Metrics;
using Hokusai.Tests.Architecture;

namespace Hokusai.Tests.Gateway.Telemetry;

/// <summary>What Terraform's alarms and dashboard know of the gateway's metrics comes from the list that the gateway counts by.</summary>
public sealed class GatewayMetricsFileTests
{
    private static readonly JsonWriterOptions Form = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    [Fact]
    public void File_OfTerraform_IsThatOfTheList()
    {
        var file = Path.Combine(Repository.Root, "infrastructure", "terraform", "gateway-metrics.json");
        if (Environment.GetEnvironmentVariable("HOKUSAI_WRITE_DOCS") == "1") File.WriteAllText(file, Text());
        Assert.Equal(Text(), File.ReadAllText(file));
    }

    private static string Text()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Form))
        {
            json.WriteStartObject();
            json.WriteString("namespace", new TelemetryOptions().EmfNamespace);
            json.WriteStartObject("metrics");
            foreach (var metric in GatewayMetricList.All.Where(m => m.Emf is not null)) Write(json, metric);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    private static void Write(Utf8JsonWriter json, MetricDefinition metric)
    {
        json.WriteStartObject(metric.Emf!);
        json.WriteString("metric", metric.Name);
        json.WriteString("kind", metric.Kind.ToString().ToLowerInvariant());
        json.WriteString("unit", metric.EmfUnit);
        json.WriteStartArray("dimensions");
        json.WriteStringValue("Service");
        if (metric.EmfBy != EmfDimension.None) json.WriteStringValue(metric.EmfBy.ToString());
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
