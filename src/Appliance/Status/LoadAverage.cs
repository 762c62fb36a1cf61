using System;

namespace Appliance.Status;

/// <summary>
/// Mean number of tasks running or waiting for disk over the last 1, 5 and 15 minutes, from /proc/loadavg; proc_loadavg(5):
/// "0.06 0.09 0.04 1/84 4901".
/// </summary>
internal readonly struct LoadAverage
{
    private LoadAverage(Hundredths one, Hundredths five, Hundredths fifteen)
    {
        OneMinute = one;
        FiveMinutes = five;
        FifteenMinutes = fifteen;
    }

    public Hundredths OneMinute { get; }

    public Hundredths FiveMinutes { get; }

    public Hundredths FifteenMinutes { get; }

    public static bool TryParse(ReadOnlySpan<byte> text, out LoadAverage load)
    {
        LineReader lines = new(text);
        if (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            FieldReader fields = new(line);
            if (fields.TryReadHundredths(out Hundredths one)
                && fields.TryReadHundredths(out Hundredths five)
                && fields.TryReadHundredths(out Hundredths fifteen))
            {
                load = new LoadAverage(one, five, fifteen);
                return true;
            }
        }
        load = default;
        return false;
    }
}
