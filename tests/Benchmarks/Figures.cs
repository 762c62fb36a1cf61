using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Benchmarks;

/// <summary>How figures are summed up and written, the same way in every section.</summary>
internal static class Figures
{
    /// <summary>The middle one: on a shared machine a mean would take over its worst round.</summary>
    public static double Median(this IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length == 0 ? double.NaN
            : sorted.Length % 2 == 1 ? sorted[middle]
            : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>How far the rounds lie apart, against their median: what a difference has to exceed to mean anything.</summary>
    public static double Spread(this IReadOnlyCollection<double> figures) => (figures.Max() - figures.Min()) / figures.Median();

    public static string Whole(double figure) => Text(figure, "#,0");

    public static string Tenths(double figure) => Text(figure, "0.0");

    public static string Hundredths(double figure) => Text(figure, "0.00");

    public static string Percent(double share) => Text(share * 100, "0") + " %";

    /// <summary>Decimal megabytes, the stricter reading of "MB".</summary>
    public static double Megabytes(long bytes) => bytes / 1e6;

    private static string Text(double figure, string format) =>
        double.IsFinite(figure) ? figure.ToString(format, CultureInfo.InvariantCulture) : "–";
}
