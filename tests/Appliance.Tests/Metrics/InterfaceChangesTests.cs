using System;
using System.IO;
using System.Text;
using System.Threading;
using Appliance.Metrics;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Metrics;

/// <summary>What this machine's kernel announces of its interfaces.</summary>
public class InterfaceChangesTests
{
    private const string Alias = "/sys/class/net/lo/ifalias";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Fact]
    public void WhatIsNotAnnouncedMayAlwaysHaveChanged()
    {
        using InterfaceChanges changes = new(isAnnounced: false);
        Assert.True(changes.MayHaveBeenSince(Environment.TickCount64));
    }

    [Fact]
    public void WhatWasReadLongAgoMayHaveChanged()
    {
        using InterfaceChanges changes = new(isAnnounced: true);
        WaitUntilNothingHappens(changes);
        Assert.True(changes.MayHaveBeenSince(Environment.TickCount64 - RareLook.Interval - 1));
    }

    [Fact]
    public void OneThatIsDisposedOfHearsNothing()
    {
        InterfaceChanges changes = new(isAnnounced: true);
        WaitUntilNothingHappens(changes);
        changes.Dispose();
        Assert.True(changes.MayHaveBeenSince(Environment.TickCount64));
    }

    [ChangeableInterfaceFact]
    public void AChangeIsSeenByTheNextScrape()
    {
        string own = File.ReadAllText(Alias);
        SourceFiles files = new(new StatusRoots());
        try
        {
            File.WriteAllText(Alias, "before");
            Collectors.Entry[] table = [new("netclass", new NetworkClassCollector(files))];
            Scrape scrape = new(table, Deadline, log: null);
            Assert.Contains("ifalias=\"before\"", Text(scrape), StringComparison.Ordinal);
            WaitUntilNothingHappens(files.InterfaceChanges);
            Text(scrape);
            File.WriteAllText(Alias, "after");
            Assert.Contains("ifalias=\"after\"", Text(scrape), StringComparison.Ordinal);
        }
        finally
        {
            File.WriteAllText(Alias, own.Length == 0 ? "\n" : own);
            files.Close();
        }
    }

    private static void WaitUntilNothingHappens(InterfaceChanges changes) => Assert.True(
        SpinWait.SpinUntil(() => !changes.MayHaveBeenSince(Environment.TickCount64), Deadline),
        "there is always something announced, or nothing can be");

    private static string Text(Scrape scrape) =>
        Encoding.UTF8.GetString(scrape.Run(new ExpositionWriter(), ExpositionFormat.PrometheusText, default).Written.Span);

    /// <summary>A test that changes an interface: its reason where that is not allowed, as without root's rights.</summary>
    private sealed class ChangeableInterfaceFactAttribute : FactAttribute
    {
        public ChangeableInterfaceFactAttribute()
        {
            try
            {
                string own = File.ReadAllText(Alias);
                File.WriteAllText(Alias, own.Length == 0 ? "\n" : own);
            }
            catch (Exception e) when (e is UnauthorizedAccessException or IOException)
            {
                Skip = $"an interface cannot be changed here: {e.Message}";
            }
        }
    }
}
