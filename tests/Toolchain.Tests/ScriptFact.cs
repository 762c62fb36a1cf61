using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Toolchain.Tests;

/// <summary>A fact of which only the scripts it runs know whether it can be told here: <see cref="Ended.OrSkip"/>.</summary>
[XunitTestCaseDiscoverer("Toolchain.Tests.ScriptFactDiscoverer", ScriptTestCase.Assembly)]
public sealed class ScriptFactAttribute : FactAttribute;

/// <summary>The same with data.</summary>
[XunitTestCaseDiscoverer("Toolchain.Tests.ScriptTheoryDiscoverer", ScriptTestCase.Assembly)]
public sealed class ScriptTheoryAttribute : TheoryAttribute;

public sealed class ScriptFactDiscoverer(IMessageSink messages) : FactDiscoverer(messages)
{
    protected override IXunitTestCase CreateTestCase(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        new ScriptTestCase(DiagnosticMessageSink, discoveryOptions, testMethod, null);
}

public sealed class ScriptTheoryDiscoverer(IMessageSink messages) : TheoryDiscoverer(messages)
{
    protected override IEnumerable<IXunitTestCase> CreateTestCasesForDataRow(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute, object[] dataRow) =>
        [new ScriptTestCase(DiagnosticMessageSink, discoveryOptions, testMethod, dataRow)];
}

/// <summary>xunit 2 has the exception for skipping, and no runner that knows it: here the failure becomes a skipped test.</summary>
public sealed class ScriptTestCase : XunitTestCase
{
    internal const string Assembly = "Toolchain.Tests";

    public ScriptTestCase(
        IMessageSink messages, ITestFrameworkDiscoveryOptions options, ITestMethod method, object[]? arguments)
        : base(messages, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), method, arguments)
    {
    }

    [Obsolete("for xunit, which makes it from what it has serialized")]
    public ScriptTestCase()
    {
    }

    public override async Task<RunSummary> RunAsync(
        IMessageSink diagnosticMessageSink,
        IMessageBus messageBus,
        object[] constructorArguments,
        ExceptionAggregator aggregator,
        CancellationTokenSource cancellationTokenSource)
    {
        using var bus = new SkippingBus(messageBus);
        RunSummary summary =
            await base.RunAsync(diagnosticMessageSink, bus, constructorArguments, aggregator, cancellationTokenSource);
        summary.Failed -= bus.Skipped;
        summary.Skipped += bus.Skipped;
        return summary;
    }

    private sealed class SkippingBus(IMessageBus bus) : IMessageBus
    {
        private const string Mark = "$XunitDynamicSkip$"; // of SkipException

        public int Skipped { get; private set; }

        public bool QueueMessage(IMessageSinkMessage message)
        {
            if (message is not ITestFailed failed || !failed.Messages.First().StartsWith(Mark, StringComparison.Ordinal))
                return bus.QueueMessage(message);
            Skipped++;
            return bus.QueueMessage(new TestSkipped(failed.Test, failed.Messages.First()[Mark.Length..]));
        }

        public void Dispose() // the bus is its owner's
        {
        }
    }
}
