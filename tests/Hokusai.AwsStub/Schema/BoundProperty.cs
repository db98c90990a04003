namespace Hokusai.AwsStub.Schema;

/// <summary>A property of a class in the bindings.</summary>
/// <param name="Name">The attribute's or block's name in Terraform.</param>
/// <param name="Computed">The provider gives it.</param>
/// <param name="Optional">The configuration may give it.</param>
/// <param name="Required">The configuration must give it.</param>
/// <param name="Code">The code that reads it, which tells the type.</param>
internal sealed record BoundProperty(string Name, bool Computed, bool Optional, bool Required, string Code);

/// <summary>A row of the table from which the bindings write configuration.</summary>
/// <param name="IsBlock">Whether it is written as a block.</param>
/// <param name="Type"><c>simple</c>, <c>list</c>, <c>set</c>, <c>map</c> or <c>struct</c>.</param>
/// <param name="Storage">What it holds, such as <c>stringList</c>, or the class of a block.</param>
internal sealed record BoundArgument(bool IsBlock, string Type, string Storage);
