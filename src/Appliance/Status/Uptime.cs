using System;

namespace Appliance.Status;

/// <summary>Time since boot, from /proc/uptime; proc_uptime(5): "seconds-up seconds-idle" with two decimals each.</summary>
internal static class Uptime
{
    /// <summary>Reads the first number, in seconds; it includes time spent suspended.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out Hundredths seconds)
    {
        LineReader lines = new(text);
        seconds = default;
        return lines.TryRead(out ReadOnlySpan<byte> line) && new FieldReader(line).TryReadHundredths(out seconds);
    }
}
