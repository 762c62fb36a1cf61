using System;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Appliance.Status;

/// <summary>
/// State, MTU, address and speed of a network interface, from /sys/class/net/NAME/; kernel
/// Documentation/ABI/testing/sysfs-class-net.
/// </summary>
/// <remarks>
/// An attribute that is missing or unreadable is absent from the document, without complaint: the kernel answers EINVAL to a
/// question about the speed of an interface that has none (loopback, Wi-Fi, a port without a cable).
/// </remarks>
internal static class InterfaceAttributes
{
    /// <summary>Writes the members that are known of "state", "mtu_bytes", "address", "speed_mbps".</summary>
    /// <param name="writer">Inside the interface's object.</param>
    /// <param name="roots">Where /sys is.</param>
    /// <param name="interfaceName">The kernel's bytes.</param>
    public static void WriteMembers(Utf8JsonWriter writer, StatusRoots roots, ReadOnlySpan<byte> interfaceName)
    {
        if (!IsPathSegment(interfaceName))
            return;
        string folder = roots.InSys("class/net/" + Encoding.UTF8.GetString(interfaceName) + "/");

        using (KernelFile state = KernelFile.Read(folder + "operstate"))
        {
            if (TryParseText(state.Text, out ReadOnlySpan<byte> text))
                writer.WriteString("state"u8, text);
        }
        using (KernelFile mtu = KernelFile.Read(folder + "mtu"))
        {
            if (TryParseMtu(mtu.Text, out uint bytes))
                writer.WriteNumber("mtu_bytes"u8, bytes);
        }
        using (KernelFile address = KernelFile.Read(folder + "address"))
        {
            if (TryParseText(address.Text, out ReadOnlySpan<byte> text))
                writer.WriteString("address"u8, text);
        }
        using (KernelFile speed = KernelFile.Read(folder + "speed"))
        {
            if (TryParseSpeed(speed.Text, out int megabits))
                writer.WriteNumber("speed_mbps"u8, megabits);
        }
    }

    /// <summary>Reads an attribute that is a word, such as "up"; an empty one, as a tunnel's address is, is none.</summary>
    public static bool TryParseText(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> value)
    {
        value = text.TrimEnd((byte)'\n');
        return !value.IsEmpty;
    }

    /// <summary>Reads the largest packet the interface carries, in bytes.</summary>
    public static bool TryParseMtu(ReadOnlySpan<byte> text, out uint bytes)
    {
        ReadOnlySpan<byte> value = text.TrimEnd((byte)'\n');
        return Utf8Parser.TryParse(value, out bytes, out int used) && used == value.Length;
    }

    /// <summary>Reads the link speed in Mbit/s. The kernel's -1, and what becomes of it as unsigned, mean unknown.</summary>
    public static bool TryParseSpeed(ReadOnlySpan<byte> text, out int megabits)
    {
        ReadOnlySpan<byte> value = text.TrimEnd((byte)'\n');
        return Utf8Parser.TryParse(value, out megabits, out int used) && used == value.Length && megabits >= 0;
    }

    // The kernel refuses these names too (dev_valid_name); checked again because the text is not ours. A name that is not
    // UTF-8 cannot be made into a path here.
    private static bool IsPathSegment(ReadOnlySpan<byte> name) =>
        !name.ContainsAny("/\0"u8) && !name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8) && Utf8.IsValid(name);
}
