using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Integration.Tests.Fixture;
using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Integration.Tests.Fronts;

/// <summary>Commands that the tests of a class start, whichever class declares the tests.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NeedsAttribute(params string[] commands) : Attribute
{
    public IReadOnlyList<string> Commands { get; } = commands;

    /// <summary>Why the tests of the class cannot run; null when all is there.</summary>
    public static string? MissingFor(Type tests) =>
        Machine.Missing ?? tests.GetCustomAttribute<NeedsAttribute>()?.Commands
            .Where(command => Machine.Find(command) is null).Select(command => $"{command} is not installed").FirstOrDefault();
}

/// <summary>A fact about the responder behind a front: skipped with the reason where something is missing; failed on the runner.</summary>
[XunitTestCaseDiscoverer("Integration.Tests.Fronts.FrontFactDiscoverer", "Integration.Tests")]
public sealed class FrontFactAttribute : FactAttribute;

public sealed class FrontFactDiscoverer(IMessageSink messages) : IXunitTestCaseDiscoverer
{
    public IEnumerable<IXunitTestCase> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        [new FrontTestCase(
            messages, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod)];
}

/// <summary>An attribute of an inherited test does not know which class has inherited it; the test case does.</summary>
public sealed class FrontTestCase : XunitTestCase
{
    public FrontTestCase(IMessageSink messages, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method)
        : base(messages, display, options, method)
    {
    }

    [Obsolete("for xunit, which makes it from what it has serialized")]
    public FrontTestCase()
    {
    }

    protected override string? GetSkipReason(IAttributeInfo factAttribute) =>
        Machine.IsRunner ? null : NeedsAttribute.MissingFor(TestMethod.TestClass.Class.ToRuntimeType());
}
