namespace Hokusai.SystemTests.Infrastructure.Policies;

/// <summary>Something in the applied infrastructure that would break the chain.</summary>
/// <param name="Resource">Address of the resource that has it.</param>
/// <param name="Fault">What is wrong, with the value.</param>
/// <param name="Remedy">What would be right.</param>
internal sealed record PolicyFinding(string Resource, string Fault, string Remedy)
{
    public override string ToString() => $"{Resource}: {Fault}; {Remedy}";
}
