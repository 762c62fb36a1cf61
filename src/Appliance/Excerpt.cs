using System;
using System.Text;

namespace Appliance;

/// <summary>What a peer sent, as an answer quotes it: an answer must not grow with what it complains about.</summary>
internal static class Excerpt
{
    private const int MaxBytes = 200; // arbitrary

    /// <summary>The text, bytes that are not UTF-8 replaced; of a long one the beginning and an ellipsis.</summary>
    public static string Of(ReadOnlySpan<byte> value) => value.Length <= MaxBytes
        ? Encoding.UTF8.GetString(value)
        : $"{Encoding.UTF8.GetString(value[..MaxBytes])}…";

    /// <summary>The same for text that was decoded already.</summary>
    public static string Of(string value) => value.Length <= MaxBytes ? value : $"{value[..MaxBytes]}…";
}
