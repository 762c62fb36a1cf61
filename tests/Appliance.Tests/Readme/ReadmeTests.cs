using System;
using System.IO;
using Xunit;

namespace Appliance.Tests.Readme;

/// <summary>What README shows is what compiles.</summary>
public class ReadmeTests
{
    [Theory]
    [InlineData("HostnameHandler.cs")]
    [InlineData("FlashCollector.cs")]
    public void TheCodeInReadmeIsTheOneCompiledHere(string file)
    {
        string source = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "readme", file));
        string shown = source[source.IndexOf("internal sealed class", StringComparison.Ordinal)..];
        Assert.Contains(shown, File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "readme", "README.md")), StringComparison.Ordinal);
    }
}
