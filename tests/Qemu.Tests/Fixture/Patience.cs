using System;
using System.Diagnostics;
using System.Threading.Tasks;
using Xunit.Sdk;

namespace Qemu.Tests.Fixture;

/// <summary>Waiting for an emulated machine on a busy one: the deadline is reached only by failing.</summary>
public static class Patience
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public static async Task UntilAsync(string what, Func<Task<bool>> condition)
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
