using System;
using System.Collections.Concurrent;
using System.Globalization;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Responder;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Serving;

/// <summary>Many at once: everybody gets the answer to the question asked, and what was needed for it is given back.</summary>
public class ConcurrencyTests(ITestOutputHelper output) : UnderLighttpd("responder", output)
{
    private const int Clients = 200;
    private const int RequestsEach = 20;
    private const long MostMemoryAfter = 8_000_000;

    [NativeFact]
    public async Task TwoHundredClientsGetNoWrongAnswer()
    {
        int backend = Front.BackendPid();
        int descriptors = KernelView.Descriptors(backend).Count;
        var wrong = new ConcurrentQueue<string>();

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => AskAsync(client, wrong))));

        Assert.Empty(wrong);
        Assert.Equal(backend, Front.BackendPid());
        long memory = KernelView.ResidentBytes(backend);
        Output.WriteLine($"the backend's memory: {memory / 1024} KiB, at most {KernelView.PeakResidentBytes(backend) / 1024} KiB");
        Assert.InRange(memory, 1, MostMemoryAfter);
        await Eventually.TrueAsync("no descriptor is left open", () => KernelView.Descriptors(backend).Count <= descriptors + 1);
    }

    /// <summary>One client: its own connection, questions that nobody else asks, small answers and larger ones, bodies both ways.</summary>
    private async Task AskAsync(int client, ConcurrentQueue<string> wrong)
    {
        using HttpClient http = Front.NewClient();
        for (int i = 0; i < RequestsEach; i++)
        {
            int number = client * RequestsEach + i;
            try
            {
                if (!await IsRightAsync(http, number))
                    wrong.Enqueue(string.Create(CultureInfo.InvariantCulture, $"request {number}: a wrong answer"));
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException)
            {
                wrong.Enqueue(string.Create(CultureInfo.InvariantCulture, $"request {number}: {e.Message}"));
            }
        }
    }

    private static async Task<bool> IsRightAsync(HttpClient http, int number)
    {
        switch (number % 4)
        {
            case 0:
                return await http.GetStringAsync($"api/query?number={number}") == $"number={number}";

            case 1:
                byte[] pattern = await http.GetByteArrayAsync($"api/pattern?bytes={number * 7}");
                return pattern.Length == number * 7 && Pattern.Matches(pattern, 0);

            case 2:
                byte[] body = new byte[number * 5];
                Random.Shared.NextBytes(body);
                using (HttpResponseMessage answer = await http.PostAsync("api/checksum", new ByteArrayContent(body)))
                using (JsonDocument json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()))
                    return json.RootElement.GetProperty("checksum").GetString() == Checksum.Of(body);

            default:
                using (HttpResponseMessage answer = await http.GetAsync($"api/nothing/{number}"))
                {
                    string problem = await answer.Content.ReadAsStringAsync();
                    return (int)answer.StatusCode == 404 && problem.Contains($"/api/nothing/{number}\"", StringComparison.Ordinal);
                }
        }
    }
}
