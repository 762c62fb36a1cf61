using System;
using System.Diagnostics;
using System.Net.Http;

namespace Benchmarks;

/// <summary>Asks for metrics as Prometheus does, one connection for all scrapes of a target.</summary>
internal sealed class Scraper : IDisposable
{
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(10) };

    public string Get(string url)
    {
        try
        {
            using HttpResponseMessage response = _client.Send(new HttpRequestMessage(HttpMethod.Get, url));
            string body = response.Content.ReadAsStringAsync().GetAwaiter().GetResult();
            return response.IsSuccessStatusCode ? body : throw new BenchException($"{url} answers {(int)response.StatusCode}: {body}");
        }
        catch (HttpRequestException problem)
        {
            throw new BenchException($"{url}: {problem.Message}");
        }
    }

    /// <summary>Scrapes until the time is over, and says how often.</summary>
    public int Repeat(string url, double seconds)
    {
        var clock = Stopwatch.StartNew();
        int scrapes = 0;
        for (; clock.Elapsed.TotalSeconds < seconds; scrapes++)
            Get(url);
        return scrapes;
    }

    public void Dispose() => _client.Dispose();
}
