using System;

namespace Responder;

/// <summary>
/// Bytes that everybody can compute from their offset. They repeat after a prime number of bytes, so that no buffer or record
/// lost, doubled or moved leaves them right. Compiled into the tests too.
/// </summary>
internal static class Pattern
{
    private const int Period = 65521;
    private static readonly byte[] Bytes = Compute();

    public static void Fill(Span<byte> destination, long offset)
    {
        while (!destination.IsEmpty)
        {
            ReadOnlySpan<byte> source = At(offset, destination.Length);
            source.CopyTo(destination);
            destination = destination[source.Length..];
            offset += source.Length;
        }
    }

    public static bool Matches(ReadOnlySpan<byte> bytes, long offset)
    {
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> expected = At(offset, bytes.Length);
            if (!bytes.StartsWith(expected))
                return false;
            bytes = bytes[expected.Length..];
            offset += expected.Length;
        }
        return true;
    }

    private static ReadOnlySpan<byte> At(long offset, int atMost)
    {
        int start = (int)(offset % Period);
        return Bytes.AsSpan(start, Math.Min(atMost, Period - start));
    }

    private static byte[] Compute()
    {
        byte[] bytes = new byte[Period];
        uint state = 1;
        for (int i = 0; i < bytes.Length; i++)
        {
            state = state * 1664525 + 1013904223; // Numerical Recipes' generator; its upper bits are the good ones
            bytes[i] = (byte)(state >> 24);
        }
        return bytes;
    }
}
