using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using FastCgi.Tests.Harness;
using FsCheck.Fluent;
using Xunit;

namespace FastCgi.Tests.Fuzzing;

/// <summary>What is fast does what the simplest code would do.</summary>
public class ModelPropertyTests
{
    [Fact]
    [Case(14, 19, 21, 22, 24)]
    public void ParametersAreThoseOfANaiveDictionary()
    {
        var parameters = new RequestParameters(); // one for all, as requests reuse it
        Properties.Hold(
            Properties.All(Properties.Pairs(), Properties.Any<uint>(), Properties.Any<int[]>()),
            input =>
            {
                byte[] stream = Properties.Encode(input.Item1, input.Item2);
                parameters.Clear();
                int from = 0;
                foreach (int to in Properties.Cuts(input.Item3, stream.Length).Append(stream.Length))
                {
                    if (!parameters.TryAppend(new ReadOnlySequence<byte>(stream, from, to - from), int.MaxValue))
                        return false;
                    from = to;
                }
                return parameters.TryIndex(int.MaxValue) && Listed(parameters).SequenceEqual(Naive(input.Item1)) && FindsAll(parameters);
            });
    }

    [Fact]
    [Case(87, 88)]
    public void WhateverIsWrittenInWhateverStepsComesOutOnceAndInOrder() => Properties.Hold(
        Properties.All(Gen.Elements(0, 1, 7, 8, 4000, 4074, 32_720, 32_729, 65_527, 65_528, 65_529, 66_000), Gen.Choose(0, 5), Gen.Choose(0, 3)).ListOf().Resize(6),
        steps =>
        {
            byte[] expected = new byte[steps.Sum(step => step.Item1)];
            new Dice(expected.Length).Fill(expected);
            var front = new Front((_, response) => Write(response, expected, steps), new ServerLimits { MaxUnflushedBytes = int.MaxValue });
            Reply reply = front.Ask(Wire.Get());
            return reply.Body.AsSpan().SequenceEqual(expected) && reply.Records.Take(reply.Records.Count - 1).All(length => length <= RecordBuffers.MaxContent);
        });

    private static async System.Threading.Tasks.ValueTask Write(FastCgiResponse response, byte[] all, IEnumerable<(int Length, int Way, int Flush)> steps)
    {
        int from = 0;
        foreach ((int length, int way, int flush) in steps)
        {
            ReadOnlyMemory<byte> bytes = all.AsMemory(from, length);
            from += length;
            if (way == 0)
            {
                await response.Body.WriteAsync(bytes).ConfigureAwait(false);
            }
            else if (way == 1)
            {
                response.Body.Write(bytes.Span);
            }
            else
            {
                // More is asked for than is used, and by some again before it is used.
                response.Body.GetMemory(way == 2 ? 70_000 : 1);
                bytes.CopyTo(response.Body.GetMemory(way == 3 ? length + 100 : length));
                response.Body.Advance(length);
            }
            if (flush == 0)
                await response.Body.FlushAsync().ConfigureAwait(false);
        }
    }

    private static List<string> Naive(List<(byte[] Name, byte[] Value)> pairs)
    {
        List<(string Name, string Value)> all = [];
        foreach ((byte[] n, byte[] v) in pairs)
        {
            string name = Encoding.Latin1.GetString(n), value = Encoding.Latin1.GetString(v);
            int earlier = all.FindIndex(one => one.Name == name);
            if (name is "" or "HTTP_PROXY")
                continue;
            if (earlier < 0)
                all.Add((name, value));
            else if (!name.StartsWith("HTTP_", StringComparison.Ordinal))
                all[earlier] = (name, value);
            else
                all[earlier] = (name, all[earlier].Value + (name == "HTTP_COOKIE" ? "; " : ", ") + value);
        }
        return [.. all.Select(one => $"{one.Name}={one.Value}")];
    }

    private static List<string> Listed(RequestParameters parameters)
    {
        List<string> all = [];
        for (int i = 0; i < parameters.Count; i++)
        {
            parameters.GetAt(i, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value);
            all.Add($"{Encoding.Latin1.GetString(name)}={Encoding.Latin1.GetString(value)}");
        }
        return all;
    }

    private static bool FindsAll(RequestParameters parameters)
    {
        for (int i = 0; i < parameters.Count; i++)
        {
            parameters.GetAt(i, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value);
            if (!parameters.TryGetValue(name, out ReadOnlySpan<byte> found) || !found.SequenceEqual(value))
                return false;
        }
        return true;
    }
}
