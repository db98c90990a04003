using System.Text;
using Hokusai.Gateway.Authorization;

namespace Hokusai.Tests.Gateway.Authorization;

public sealed class GraphDocumentTests
{
    [Theory]
    [InlineData("{ a }")]
    [InlineData("query { a }")]
    [InlineData("query Q($a: [Int!]! = [1, -2.5e+3], $b: In = {x: {y: 1}}) @d(x: \"}\") { a(b: $b) { c } }")]
    [InlineData("query mutation { a }")]
    [InlineData("{ mutation }")]
    [InlineData("{ a(b: \"mutation { c }\") }")]
    [InlineData("{ a(b: \"\"\"mutation \" \\\"\"\" { c }\"\"\") }")]
    [InlineData("# mutation { a }\n{ b }")]
    [InlineData("\uFEFF,, { a ...F ... on T { b } } fragment F on T { mutation }")]
    public void OnlyReads_QueriesAndFragments_Do(string document) => Assert.True(GraphDocument.OnlyReads(document));

    [Theory]
    [InlineData("")]
    [InlineData("mutation { a }")]
    [InlineData("mutation M($a: Int) { a }")]
    [InlineData("subscription { a }")]
    [InlineData("{ a } mutation { b }")]
    [InlineData("query { a }#\nmutation { b }")]
    [InlineData("query { a }\rmutation { b }")]
    [InlineData("# } query { a \rmutation { b }")]
    [InlineData("{ a(b: \"\\\"\") } mutation { c }")]
    [InlineData("{ a(b: \"\"\"x\"\"\") } mutation { c } fragment F on T { d(e: \"\"\"y\"\"\") }")]
    [InlineData("{ a(b: \"x\n\") }")]
    [InlineData("{ a")]
    [InlineData("{ a }}")]
    [InlineData("{ (a} )")]
    [InlineData("(a) { b }")]
    [InlineData("query")]
    [InlineData("query { a(b: \"open) }")]
    [InlineData("Query { a }")]
    [InlineData("extend type T { a: Int }")]
    [InlineData("\"description\" query { a }")]
    [InlineData("{ a % }")]
    public void OnlyReads_MutationsAndWhatIsNotPlain_DoNot(string document) => Assert.False(GraphDocument.OnlyReads(document));

    [Theory]
    [InlineData("POST", "", "{\"query\": \"{ a }\"}", true)]
    [InlineData("POST", "", "{\"query\": \"{ a }\", \"query\": \"mutation { a }\"}", false)]
    [InlineData("POST", "?query=mutation", "{\"query\": \"{ a }\"}", false)]
    [InlineData("POST", "", "{\"qu\\u0065ry\": \"mutation { a }\", \"query\": \"{ a }\"}", false)]
    [InlineData("POST", "", "[{\"query\": \"{ a }\"}]", false)]
    [InlineData("POST", "", "{ a }", false)]
    [InlineData("POST", "", "", false)]
    [InlineData("GET", "?query=%7Ba%7D", "", true)]
    [InlineData("GET", "?query=mutation%7Ba%7D", "", false)]
    [InlineData("GET", "?query=%7Ba%7D&query=mutation%7Ba%7D", "", false)]
    public void OnlyReads_ARequest_HasOneDocumentThatDoes(string method, string query, string body, bool reads) =>
        Assert.Equal(reads, GraphDocument.OnlyReads(method, query, Encoding.UTF8.GetBytes(body)));
}
