namespace Hokusai.AwsStub.Rules;

/// <summary>Something that AWS or its provider would refuse.</summary>
/// <param name="Summary">What is wrong, in a few words.</param>
/// <param name="Detail">The value, and what would be right.</param>
/// <param name="Path">Where it stands: names as <see cref="string"/>, positions in lists as <see cref="long"/>. It ends before the first set, whose members have no position.</param>
internal sealed record Finding(string Summary, string Detail, IReadOnlyList<object> Path);
