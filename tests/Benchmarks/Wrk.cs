using System;
using System.Globalization;
using System.Linq;

namespace Benchmarks;

/// <summary>What wrk saw of a web server: one thread, 16 kept HTTP connections.</summary>
internal sealed record Wrk(double RequestsPerSecond, long Requests, string P50, string P99, string Trouble)
{
    private const int AtOnce = 16;

    public static Wrk Run(string url, double seconds)
    {
        string whole = Math.Ceiling(seconds).ToString(CultureInfo.InvariantCulture); // wrk takes no fractions
        string output = Tools.Output(
            "wrk", "--threads", "1", "--connections", $"{AtOnce}", "--duration", whole + "s", "--latency", url);
        string[] lines = output.Split('\n', StringSplitOptions.TrimEntries);
        string[] Words(string start) =>
            lines.FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal))
                ?.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            ?? throw new BenchException($"wrk said nothing that starts with '{start}'");

        string trouble = lines.FirstOrDefault(line =>
            line.StartsWith("Non-2xx", StringComparison.Ordinal)
            || line.StartsWith("Socket errors", StringComparison.Ordinal)) ?? "";
        string requests = lines.First(line => line.Contains(" requests in ", StringComparison.Ordinal)).Split(' ')[0];
        return new Wrk(
            double.Parse(Words("Requests/sec:")[1], CultureInfo.InvariantCulture),
            long.Parse(requests, CultureInfo.InvariantCulture),
            Words("50%")[1],
            Words("99%")[1],
            trouble);
    }
}
