using System.Globalization;

namespace Benchmarks;

/// <summary>A figure the project promised, beside the one it reached.</summary>
internal sealed record Target(string Of, bool AtLeast, double Bound, double Reached, string Unit = "")
{
    public string Wanted => (AtLeast ? "≥ " : "≤ ") + Text(Bound) + Unit;

    public string ReachedText => Text(Reached) + Unit;

    public string Verdict
    {
        get
        {
            if (double.IsNaN(Reached))
                return "not measured";
            double missing = AtLeast ? Bound - Reached : Reached - Bound;
            return missing <= 0 ? "met" : $"**missed by {Text(missing)}{Unit} ({missing / Bound:P0})**";
        }
    }

    public static Target Least(string of, double bound, double reached) => new(of, AtLeast: true, bound, reached);

    public static Target Most(string of, double bound, double reached, string unit = "") =>
        new(of, AtLeast: false, bound, reached, unit);

    private static string Text(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
