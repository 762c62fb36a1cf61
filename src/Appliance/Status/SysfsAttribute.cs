using System;
using System.Buffers.Text;
using System.Text;

namespace Appliance.Status;

/// <summary>One attribute of sysfs, which the kernel gives in one piece: read without exceptions, since many answer an error for ever.</summary>
internal static class SysfsAttribute
{
    // A path here is a root from the settings, a class, a device and an attribute; PATH_MAX is 4096.
    private const int MaxPath = 4096;

    /// <summary>Reads a word or a line, without the blanks around it.</summary>
    /// <param name="path">Of the attribute.</param>
    /// <param name="buffer">Room for it. A longer one counts as unreadable: half of a value is none.</param>
    /// <param name="value">A part of <paramref name="buffer"/>, never empty.</param>
    public static bool TryRead(string path, Span<byte> buffer, out ReadOnlySpan<byte> value)
    {
        value = default;
        Span<byte> bytes = stackalloc byte[MaxPath];
        bytes[^1] = 0;
        if (!Encoding.UTF8.TryGetBytes(path, bytes[..^1], out int length))
            return false;
        bytes[length] = 0;
        int descriptor = LibC.OpenForReading(bytes[..(length + 1)]);
        if (descriptor < 0)
            return false;
        int read = LibC.ReadAt(descriptor, buffer, 0);
        LibC.CloseDescriptor(descriptor);
        if (read <= 0 || read == buffer.Length)
            return false;
        value = buffer[..read].Trim(" \t\n\0"u8);
        return !value.IsEmpty;
    }

    /// <summary>Reads a decimal number, with a sign or not.</summary>
    public static bool TryReadNumber(string path, out long number)
    {
        number = 0;
        return TryRead(path, stackalloc byte[32], out ReadOnlySpan<byte> value)
            && Utf8Parser.TryParse(value, out number, out int used) && used == value.Length;
    }
}
