using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text;
using Xunit;

namespace FastCgi.Tests.Package;

/// <summary>What users of the library rely on: its README, its public API, and that it needs nothing of ours.</summary>
public class PackageTests
{
    [Fact]
    public void TheServerInReadmeIsTheOneCompiledHere()
    {
        string hello = Shipped("Hello.cs");
        Assert.Contains(hello[hello.IndexOf("internal sealed class", StringComparison.Ordinal)..], Shipped("README.md"), StringComparison.Ordinal);
    }

    /// <summary>A change of the public API is a change of PublicApi.txt, which a reviewer sees; the test's message is the new text.</summary>
    [Fact]
    public void ThePublicApiIsTheOneWrittenDown()
    {
        string now = Describe(typeof(FastCgiServer).Assembly);
        string expected = Shipped("PublicApi.txt");
        Assert.True(now == expected, $"the public API has changed; PublicApi.txt should be:\n{now}");
    }

    [Fact]
    public void TheLibraryReferencesTheFrameworkAlone() =>
        Assert.All(typeof(FastCgiServer).Assembly.GetReferencedAssemblies(), name => Assert.StartsWith("System.", name.Name, StringComparison.Ordinal));

    private static string Shipped(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "package", name));

    private static string Describe(Assembly library)
    {
        var text = new StringBuilder();
        foreach (Type type in library.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(type.FullName).Append('\n');
            foreach (string member in Members(type).Order(StringComparer.Ordinal))
                text.Append("    ").Append(member).Append('\n');
        }
        return text.ToString();
    }

    private static IEnumerable<string> Members(Type type)
    {
        const BindingFlags declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        if (type.IsEnum)
            return type.GetEnumNames().Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name), null)}");
        return type.GetMembers(declared)
            .Where(member => member is not MethodInfo { IsSpecialName: true } && member is not Type && !IsRecordBoilerplate(member))
            .Select(member => $"{member}");
    }

    private static bool IsRecordBoilerplate(MemberInfo member) =>
        member.GetCustomAttribute<System.Runtime.CompilerServices.CompilerGeneratedAttribute>() is not null;
}
