using System;
using System.IO;
using Xunit;

namespace Appliance.Tests.Readme;

/// <summary>What README shows is what compiles.</summary>
public class ReadmeTests
{
    [Fact]
    public void TheHandlerInReadmeIsTheOneCompiledHere()
    {
        string source = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "readme", "HostnameHandler.cs"));
        string handler = source[source.IndexOf("internal sealed class", StringComparison.Ordinal)..];
        Assert.Contains(handler, File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "readme", "README.md")), StringComparison.Ordinal);
    }
}
