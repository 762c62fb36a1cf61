using System;
using System.Collections.Generic;
using System.Text;
using System.Text.Json;

namespace Appliance.Status;

/// <summary>
/// The member "warnings": the last messages of the kernel of level warning and above, the oldest first. Where kernel.dmesg_restrict is 1, as it
/// is on Debian, reading them takes CAP_SYSLOG (proc_sys_kernel(5)).
/// </summary>
internal static class WarningsPart
{
    private const int LeastLevel = 4;
    private const int LongestRecord = 8192; // CONSOLE_EXT_LOG_MAX, kernel/printk
    private const int MaxRecords = 20_000; // arbitrary: a log buffer of 1 MiB has fewer; it bounds the reads where messages pour in

    private static readonly string[] Levels = ["emergency", "alert", "critical", "error", "warning"];

    public static void Write(Utf8JsonWriter writer, StatusRoots roots, int most, UnavailableParts unavailable)
    {
        string path = roots.InRoot("dev/kmsg");
        int descriptor = LibC.OpenForReading(Encoding.UTF8.GetBytes(path + "\0"));
        if (descriptor < 0)
        {
            unavailable.Add("warnings", path, LibC.Describe(descriptor));
            return;
        }
        var last = new Queue<Warning>();
        int error = ReadAll(descriptor, most, last);
        LibC.CloseDescriptor(descriptor);
        if (error < 0)
        {
            unavailable.Add("warnings", path, LibC.Describe(error));
            return;
        }

        writer.WriteStartArray("warnings"u8);
        foreach (Warning warning in last)
        {
            writer.WriteStartObject();
            writer.WriteString("level"u8, Levels[warning.Level]);
            new Hundredths(warning.Microseconds / 10_000).Write(writer, "uptime_seconds"u8);
            writer.WriteString("message"u8, warning.Text);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    /// <summary>Reads records up to the newest.</summary>
    /// <returns>−errno when there is nothing to be read for another reason; else 0.</returns>
    private static int ReadAll(int descriptor, int most, Queue<Warning> last)
    {
        byte[] record = new byte[LongestRecord];
        long offset = 0; // of no interest to the kernel's file, which goes on by itself
        for (int i = 0; i < MaxRecords; i++)
        {
            int length = LibC.ReadAt(descriptor, record, offset);
            if (length == LibC.BrokenPipe)
                continue; // the oldest was overwritten meanwhile
            if (length is 0 or LibC.TryAgain)
                return 0;
            if (length < 0)
                return length;
            offset += length;
            LineReader lines = new(record.AsSpan(0, length));
            while (lines.TryRead(out ReadOnlySpan<byte> line))
            {
                if (KernelMessage.TryParse(line, out KernelMessage message) && message.Level <= LeastLevel)
                    Keep(message, most, last);
            }
        }
        return 0;
    }

    private static void Keep(KernelMessage message, int most, Queue<Warning> last)
    {
        if (last.Count >= most)
            last.TryDequeue(out _);
        if (last.Count < most)
            last.Enqueue(new Warning(message.Level, message.Microseconds, WithoutControls(message.Text)));
    }

    private static byte[] WithoutControls(ReadOnlySpan<byte> text)
    {
        byte[] clean = text.ToArray();
        foreach (ref byte b in clean.AsSpan())
            b = b is < (byte)' ' or 0x7F ? (byte)' ' : b;
        return clean;
    }

    private sealed record Warning(int Level, ulong Microseconds, byte[] Text);
}
