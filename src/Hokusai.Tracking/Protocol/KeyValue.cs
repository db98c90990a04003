namespace Hokusai.Tracking.Protocol;

/// <summary>A parameter or tag.</summary>
internal readonly record struct KeyValue(string Key, string Value);
