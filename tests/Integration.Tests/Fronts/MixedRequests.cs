using System;
using System.Collections.Generic;
using System.Globalization;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Responder;

namespace Integration.Tests.Fronts;

/// <summary>Requests of four kinds, each with a right answer that no other has.</summary>
public static class MixedRequests
{
    /// <summary>One client with its own connection asks <paramref name="count"/> of them, one after the other.</summary>
    /// <param name="front">What it asks.</param>
    /// <param name="first">The number of its first request.</param>
    /// <param name="count">How many.</param>
    public static async Task<IReadOnlyList<string>> WrongAnswersAsync(Front front, int first, int count)
    {
        var wrong = new List<string>();
        using HttpClient client = front.NewClient(asksAgain: true);
        for (int number = first; number < first + count; number++)
        {
            try
            {
                if (!await IsRightAsync(client, number))
                    wrong.Add(string.Create(CultureInfo.InvariantCulture, $"request {number}: a wrong answer"));
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException)
            {
                wrong.Add(string.Create(CultureInfo.InvariantCulture, $"request {number}: {e.Message}"));
            }
        }
        return wrong;
    }

    private static async Task<bool> IsRightAsync(HttpClient client, int number)
    {
        switch (number % 4)
        {
            case 0:
                return await client.GetStringAsync($"api/query?number={number}") == $"number={number}";

            case 1:
                byte[] pattern = await client.GetByteArrayAsync($"api/pattern?bytes={number * 70}");
                return pattern.Length == number * 70 && Pattern.Matches(pattern, 0);

            case 2:
                byte[] body = new byte[number * 50];
                new Random(number).NextBytes(body);
                using (HttpResponseMessage answer = await client.PostAsync("api/checksum", new ByteArrayContent(body)))
                using (JsonDocument json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()))
                    return json.RootElement.GetProperty("checksum").GetString() == Checksum.Of(body);

            default:
                using (HttpResponseMessage answer = await client.GetAsync($"api/nothing/{number}"))
                {
                    string problem = await answer.Content.ReadAsStringAsync();
                    return (int)answer.StatusCode == 404 && problem.Contains($"/api/nothing/{number}\"", StringComparison.Ordinal);
                }
        }
    }
}
