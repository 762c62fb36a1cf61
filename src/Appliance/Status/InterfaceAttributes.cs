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
    private const int LongestAttribute = 128; // the address of InfiniBand has 59 characters

    /// <summary>Writes the members that are known of "state", "mtu_bytes", "address", "speed_mbps".</summary>
    /// <param name="writer">Inside the interface's object.</param>
    /// <param name="roots">Where /sys is.</param>
    /// <param name="interfaceName">The kernel's bytes.</param>
    public static void WriteMembers(Utf8JsonWriter writer, StatusRoots roots, ReadOnlySpan<byte> interfaceName)
    {
        if (!IsPathSegment(interfaceName))
            return;
        string folder = roots.InSys("class/net/" + Encoding.UTF8.GetString(interfaceName) + "/");

        Span<byte> buffer = stackalloc byte[LongestAttribute];
        if (SysfsAttribute.TryRead(folder + "operstate", buffer, out ReadOnlySpan<byte> state))
            writer.WriteString("state"u8, state);
        if (SysfsAttribute.TryRead(folder + "mtu", buffer, out ReadOnlySpan<byte> mtu) && TryParseMtu(mtu, out uint bytes))
            writer.WriteNumber("mtu_bytes"u8, bytes);
        if (SysfsAttribute.TryRead(folder + "address", buffer, out ReadOnlySpan<byte> address)) // a tunnel's is empty, and none
            writer.WriteString("address"u8, address);
        if (SysfsAttribute.TryRead(folder + "speed", buffer, out ReadOnlySpan<byte> speed) && TryParseSpeed(speed, out int megabits))
            writer.WriteNumber("speed_mbps"u8, megabits);
    }

    /// <summary>Reads the largest packet the interface carries, in bytes.</summary>
    public static bool TryParseMtu(ReadOnlySpan<byte> text, out uint bytes) =>
        Utf8Parser.TryParse(text, out bytes, out int used) && used == text.Length;

    /// <summary>Reads the link speed in Mbit/s. The kernel's -1, and what becomes of it as unsigned, mean unknown.</summary>
    public static bool TryParseSpeed(ReadOnlySpan<byte> text, out int megabits) =>
        Utf8Parser.TryParse(text, out megabits, out int used) && used == text.Length && megabits >= 0;

    // The kernel refuses these names too (dev_valid_name); checked again because the text is not ours. A name that is not
    // UTF-8 cannot be made into a path here.
    private static bool IsPathSegment(ReadOnlySpan<byte> name) =>
        !name.ContainsAny("/\0"u8) && !name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8) && Utf8.IsValid(name);
}
