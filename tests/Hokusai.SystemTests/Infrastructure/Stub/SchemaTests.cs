using Hokusai.AwsStub;
using Hokusai.AwsStub.Rules;
using Hokusai.AwsStub.Schema;
using Hokusai.SystemTests.Fixtures;

namespace Hokusai.SystemTests.Infrastructure.Stub;

/// <summary>The schema that is read from the provider's prebuilt bindings, and that the rules fit it.</summary>
public sealed class SchemaTests(StubbedAws aws)
{
    [Fact]
    public async Task Schema_Types_AreAllThatWereAskedFor()
    {
        var schema = (await aws.ServerAsync()).Schema;
        // A folder for each type, and one for the provider; a file that is not understood would have stopped the start.
        var folders = Directory.GetDirectories(StubData.Find().Bindings).Length;
        Assert.Equal(folders, schema.Resources.Count + schema.DataSources.Count + 1);
        Assert.True(schema.Resources.Count > 80 && schema.DataSources.Count > 20, $"{schema.Resources.Count} resources, {schema.DataSources.Count} data sources");
        Assert.Equal("6.66.0", schema.Version);
    }

    [Fact]
    public async Task Schema_ListenerRule_IsThatOfTheProvider()
    {
        var rule = (await aws.ServerAsync()).Schema.Resources["aws_lb_listener_rule"];
        Assert.Equal(["arn", "id", "listener_arn", "priority", "region", "tags", "tags_all"], rule.Attributes.Keys.Order(StringComparer.Ordinal));
        Assert.True(rule.Attributes["listener_arn"].Required);
        Assert.True(rule.Attributes["arn"] is { Computed: true, Optional: false });
        Assert.Equal("\"number\"", rule.Attributes["priority"].Type.ToJson());
        Assert.Equal((Nesting.List, 1, 0), Form(rule.Blocks["action"]));
        Assert.Equal((Nesting.Set, 1, 0), Form(rule.Blocks["condition"]));
        Assert.Equal((Nesting.Set, 0, 0), Form(rule.Blocks["transform"]));
        Assert.Equal((Nesting.List, 0, 1), Form(rule.Blocks["condition"].Block.Blocks["path_pattern"]));
        Assert.Equal("""["set","string"]""", rule.Blocks["condition"].Block.Blocks["path_pattern"].Block.Attributes["values"].Type.ToJson());
        Assert.Equal(Nesting.Set, rule.Blocks["action"].Block.Blocks["forward"].Block.Blocks["target_group"].Nesting);

        static (Nesting Nesting, int Min, int Max) Form(NestedBlockSchema nested) => (nested.Nesting, nested.Min, nested.Max);
    }

    [Fact]
    public async Task Schema_ComputedObjects_AreAttributes()
    {
        var resources = (await aws.ServerAsync()).Schema.Resources;
        Assert.Equal("""["list",["object",{"kms_key_id":"string","secret_arn":"string","secret_status":"string"}]]""", resources["aws_db_instance"].Attributes["master_user_secret"].Type.ToJson());
        // Inline rules may be written as blocks and as a value; Terraform allows that for attributes alone.
        Assert.True(resources["aws_security_group"].Attributes["ingress"] is { Optional: true, Computed: true, Type.Kind: "set" });
    }

    [Fact]
    public async Task Schema_Provider_TakesRegionAndTags()
    {
        var provider = (await aws.ServerAsync()).Schema.Provider;
        Assert.Equal("\"string\"", provider.Attributes["region"].Type.ToJson());
        Assert.Equal("""["map","string"]""", provider.Blocks["default_tags"].Block.Attributes["tags"].Type.ToJson());
        Assert.DoesNotContain("alias", provider.Attributes.Keys);
    }

    [Fact]
    public void Schema_UnknownText_IsRefusedByName()
    {
        const string Bindings = """
            class Thing extends cdktn.TerraformResource {
                static tfResourceType = "aws_thing";
                // size - computed: false, optional: true, required: false
                get size() {
                    return this.getComplicatedAttribute('size');
                }
                synthesizeHclAttributes() {
                }
            }
            """;
        var refused = Assert.Throws<FormatException>(() => SchemaReader.Resource(new BindingsFile(Bindings), "thing/index.js"));
        Assert.Contains("thing/index.js: Thing.size is read in a way that is not understood", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_Attributes_AreInTheSchema()
    {
        var resources = (await aws.ServerAsync()).Schema.Resources;
        var book = RuleBook.Read();
        var uniques = book.Unique.SelectMany(rule => rule.Value.Select(name => $"{rule.Key}.{name}"));
        var choices = book.AtMostOne.Concat(book.ExactlyOne).SelectMany(rule => rule.Value.SelectMany(names => names.Select(name => $"{rule.Key}.{name}")));
        var unknown = book.Attributes.Concat(uniques).Concat(choices).Where(name => !Stands(resources, name)).ToList();
        Assert.True(unknown.Count == 0, $"rules.json names what the schema does not know: {string.Join(", ", unknown)}");
    }

    [Fact]
    public async Task Rules_Shapes_AreInTheDescriptions()
    {
        await aws.ServerAsync();
        var models = new ServiceModels(StubData.Find().Models);
        var book = RuleBook.Read();
        Assert.All(book.Shapes.Values.Concat(book.JsonShapes.Values).Concat(book.Newer.Keys), shape => models.Shape(shape));
    }

    private static bool Stands(IReadOnlyDictionary<string, BlockSchema> resources, string name)
    {
        var parts = name.Split('.');
        if (!resources.TryGetValue(parts[0], out var block)) return false;
        foreach (var part in parts[1..^1])
        {
            if (!block.Blocks.TryGetValue(part, out var nested)) return false;
            block = nested.Block;
        }
        return block.Attributes.ContainsKey(parts[^1]) || block.Blocks.ContainsKey(parts[^1]);
    }
}
