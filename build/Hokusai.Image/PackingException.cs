namespace Hokusai.Image;

/// <summary>Something that the image needs is not there; the message names it and what helps.</summary>
internal sealed class PackingException(string message) : Exception(message);
