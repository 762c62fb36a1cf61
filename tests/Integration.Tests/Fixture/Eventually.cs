using System;
using System.Diagnostics;
using System.Threading.Tasks;
using Xunit.Sdk;

namespace Integration.Tests.Fixture;

/// <summary>Waiting for a condition up to a deadline, which is far longer than a busy machine needs: it is reached only by failing.</summary>
public static class Eventually
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    public static Task TrueAsync(string what, Func<bool> condition) =>
        TrueAsync(what, () => Task.FromResult(condition()));

    public static async Task TrueAsync(string what, Func<Task<bool>> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > Deadline)
                throw new XunitException($"not within {Deadline.TotalSeconds} s: {what}");
            await Task.Delay(Pause);
        }
    }
}
