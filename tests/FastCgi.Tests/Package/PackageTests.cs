using System;
using System.IO;
using System.Linq;
using Xunit;

namespace FastCgi.Tests.Package;

/// <summary>What users of the library rely on: its README, its public API, and that it needs nothing of ours.</summary>
public class PackageTests
{
    [Fact]
    public void TheServerInReadmeIsTheOneCompiledHere()
    {
        string hello = Shipped("Hello.cs");
        hello = hello[hello.IndexOf("internal sealed class", StringComparison.Ordinal)..];

        Assert.Contains($"```csharp\n{hello}```", Shipped("README.md"), StringComparison.Ordinal);
        Assert.InRange(hello.Split('\n').Count(line => line.Length > 0), 1, 15);
    }

    /// <summary>A change of the public API is a change of PublicApi.txt, which a reviewer sees; the test's message is the new text.</summary>
    [Fact]
    public void ThePublicApiIsTheOneWrittenDown()
    {
        string now = PublicApi.Of(typeof(FastCgiServer).Assembly);
        string expected = Shipped("PublicApi.txt");
        Assert.True(now == expected, $"the public API has changed; PublicApi.txt should be:\n{now}");
    }

    [Fact]
    public void TheLibraryReferencesTheFrameworkAlone() =>
        Assert.All(typeof(FastCgiServer).Assembly.GetReferencedAssemblies(), name => Assert.StartsWith("System.", name.Name, StringComparison.Ordinal));

    private static string Shipped(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "package", name));
}
