using System.Globalization;
using System.Text.Json;

namespace Benchmarks;

/// <summary>A way to ask: a connection per request (what lighttpd does) or kept ones, and how many at once.</summary>
internal sealed record Shape(bool Keep, int AtOnce)
{
    public string Name => $"{(Keep ? "keep-conn" : "one connection per request")}, {AtOnce} at once";
}

/// <summary>What peers/load.c saw from outside the server.</summary>
internal sealed record Load(
    long Requests, double Seconds, double CpuSeconds, long Errors, long Retries, int P50, int P99, string Error)
{
    public double RequestsPerSecond => Requests / Seconds;

    public static Load For(string socket, Shape shape, double seconds) => Run(socket, shape, seconds, requests: 0);

    /// <summary>As many requests as asked for, or as many as fit into ten minutes.</summary>
    public static Load Count(string socket, Shape shape, long requests) => Run(socket, shape, seconds: 600, requests);

    private static Load Run(string socket, Shape shape, double seconds, long requests)
    {
        string json = Tools.Output(
            Tools.Path("load"),
            "--socket", socket,
            "--mode", shape.Keep ? "keep" : "close",
            "--concurrency", shape.AtOnce.ToString(CultureInfo.InvariantCulture),
            "--seconds", seconds.ToString(CultureInfo.InvariantCulture),
            "--requests", requests.ToString(CultureInfo.InvariantCulture));
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        return new Load(
            root.GetProperty("requests").GetInt64(),
            root.GetProperty("seconds").GetDouble(),
            root.GetProperty("cpu").GetDouble(),
            root.GetProperty("errors").GetInt64(),
            root.GetProperty("retries").GetInt64(),
            root.GetProperty("p50").GetInt32(),
            root.GetProperty("p99").GetInt32(),
            root.GetProperty("error").GetString()!);
    }
}
