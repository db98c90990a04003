using System.Globalization;
using System.Net;
using System.Text;
using Hokusai.Storage;
using Hokusai.Tracking.Protocol;
using Microsoft.AspNetCore.Http;

namespace Hokusai.Tracking.Overview;

/// <summary>A page for a browser: what there is. MLflow's own UI is part of its Python wheel and not bundled here.</summary>
internal sealed class OverviewPage(Database database)
{
    private const int MostRows = 100;

    public IEnumerable<Route> Routes => [new("GET", "/", ShowAsync, RouteFamily.Root, ReadsMessage: false)];

    private async Task ShowAsync(ApiCall call)
    {
        var html = await database.ReadAsync(Render, call.Aborted);
        var bytes = Encoding.UTF8.GetBytes(html);
        call.Http.Response.ContentType = "text/html; charset=utf-8";
        call.Http.Response.ContentLength = bytes.Length;
        call.Http.Response.Headers.CacheControl = "no-store";
        // Names come from clients; nothing on this page may run.
        call.Http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'";
        if (!HttpMethods.IsHead(call.Http.Request.Method)) await call.Http.Response.Body.WriteAsync(bytes, call.Aborted);
    }

    private static string Render(Session session)
    {
        var html = new StringBuilder(
            """
            <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Hokusai tracking</title>
            <style>body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:62rem;padding:0 1rem;color:#1c2733}h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
            table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .8rem .35rem 0;border-bottom:1px solid #d8dee4}th{color:#57606a;font-weight:600}td.n{font-variant-numeric:tabular-nums}
            .none{color:#57606a}</style></head><body><h1>Hokusai tracking</h1>
            """);
        Table(html, "Experiments", ["Name", "Id", "Runs", "Last updated"], session.Query(
            "SELECT e.name, e.experiment_id, (SELECT count(*) FROM runs r WHERE r.experiment_id = e.experiment_id AND r.lifecycle_stage = 'active'), e.last_update_time FROM experiments e WHERE e.lifecycle_stage = 'active' ORDER BY e.last_update_time DESC LIMIT $1",
            row => new[] { row.GetString(0), Number(row.GetInt64(1)), Number(row.GetInt64(2)), Time(row.GetInt64(3)) }, (long)MostRows));
        Table(html, "Latest runs", ["Name", "Id", "Status", "Started"], session.Query(
            "SELECT r.run_name, r.run_id, r.status, r.start_time FROM runs r WHERE r.lifecycle_stage = 'active' ORDER BY r.run_pk DESC LIMIT $1",
            row => new[] { row.GetString(0), row.GetString(1), row.GetString(2), Time(row.GetInt64(3)) }, 20L));
        Table(html, "Registered models", ["Name", "Newest version", "Aliases", "Last updated"], session.Query(
            """
            SELECT m.name, (SELECT max(v.version) FROM model_versions v WHERE v.model_pk = m.model_pk AND v.deleted = 0), m.model_pk, m.last_updated_time
            FROM registered_models m ORDER BY m.last_updated_time DESC LIMIT $1
            """,
            row => (Name: row.GetString(0), Newest: row.IsDBNull(1) ? "–" : Number(row.GetInt64(1)), Pk: row.GetInt64(2), Updated: Time(row.GetInt64(3))), (long)MostRows)
            .ConvertAll(m => new[] { m.Name, m.Newest, Aliases(session, m.Pk), m.Updated }));
        return html.Append("</body></html>").ToString();
    }

    private static string Aliases(Session session, long pk) => string.Join(
        ", ", session.Query("SELECT alias, version FROM registered_model_aliases WHERE model_pk = $1 ORDER BY alias", row => $"{row.GetString(0)} → {row.GetInt64(1)}", pk));

    private static void Table(StringBuilder html, string title, string[] columns, List<string[]> rows)
    {
        html.Append("<h2>").Append(title).Append("</h2>");
        if (rows.Count == 0)
        {
            html.Append("<p class=\"none\">None yet.</p>");
            return;
        }
        html.Append("<table><tr>");
        foreach (var column in columns) html.Append("<th>").Append(column).Append("</th>");
        html.Append("</tr>");
        foreach (var row in rows)
        {
            html.Append("<tr>");
            foreach (var cell in row) html.Append("<td>").Append(WebUtility.HtmlEncode(cell)).Append("</td>");
            html.Append("</tr>");
        }
        html.Append("</table>");
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Time(long milliseconds) => milliseconds <= 0 ? "–" : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
