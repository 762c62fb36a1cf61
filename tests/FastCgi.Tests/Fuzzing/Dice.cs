using System;
using System.Buffers.Binary;

namespace FastCgi.Tests.Fuzzing;

/// <summary>Numbers that follow from a seed alone, the same with every version of .NET (SplitMix64).</summary>
internal sealed class Dice(long seed)
{
    private ulong _state = (ulong)seed * 0xD134_2543_DE82_EF95 + 1;

    /// <summary>0 to <paramref name="below"/> − 1.</summary>
    public int Next(int below) => (int)((Roll() >> 32) * (ulong)below >> 32);

    public int Next(int from, int below) => from + Next(below - from);

    public bool Chance(int oneIn) => Next(oneIn) == 0;

    public T Of<T>(ReadOnlySpan<T> several) => several[Next(several.Length)];

    public void Fill(Span<byte> bytes)
    {
        Span<byte> eight = stackalloc byte[8];
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(8, bytes.Length)..])
        {
            BinaryPrimitives.WriteUInt64LittleEndian(eight, Roll());
            eight[..Math.Min(8, bytes.Length)].CopyTo(bytes);
        }
    }

    private ulong Roll()
    {
        ulong z = _state += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }
}
