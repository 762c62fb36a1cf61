using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;

namespace Integration.Tests.CommandLine;

/// <summary>As much of an ELF file, 64 bits, little-endian, as says how it is loaded (elf(5)).</summary>
internal static class Elf
{
    public const uint Interpreter = 3; // PT_INTERP: the dynamic loader that has to be on the device
    public const ushort SharedObject = 3; // ET_DYN: can be loaded anywhere

    /// <summary>e_type.</summary>
    public static ushort TypeOf(string file)
    {
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(file);
        if (!bytes.StartsWith("\u007fELF\u0002\u0001"u8))
            throw new InvalidDataException($"{file} is no 64-bit little-endian ELF file");
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes[16..]);
    }

    /// <summary>p_type of every program header.</summary>
    public static IReadOnlyList<uint> SegmentTypesOf(string file)
    {
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(file);
        int start = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]);
        int size = BinaryPrimitives.ReadUInt16LittleEndian(bytes[54..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(bytes[56..]);
        var types = new List<uint>();
        for (int i = 0; i < count; i++)
            types.Add(BinaryPrimitives.ReadUInt32LittleEndian(bytes[(start + i * size)..]));
        return types;
    }
}
