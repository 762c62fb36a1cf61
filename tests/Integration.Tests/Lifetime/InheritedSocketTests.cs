using System.Collections.Generic;
using System.Linq;
using Integration.Tests.Fixture;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Lifetime;

/// <summary>
/// What becomes of the listening socket that lighttpd leaves on descriptor 0 (case 112): a child that had it would keep it alive,
/// and a restarted lighttpd would say "socket is already used".
/// </summary>
public class InheritedSocketTests(ITestOutputHelper output) : UnderLighttpd("appliance", output)
{
    [NativeFact]
    [Case(112)]
    public void DescriptorZeroBecomesDevNull() =>
        Assert.Equal("/dev/null", KernelView.Descriptors(Front.BackendPid())[0]);

    [NativeFact]
    [Case(111, 112)]
    public void ListeningSocketIsHeldOnceAndNotByChildren()
    {
        int backend = Front.BackendPid();
        IReadOnlyList<string> listeners = KernelView.ListenersAt(Front.BackendSocketAsBound); // of this name anywhere

        KeyValuePair<int, string> held = Assert.Single(KernelView.Descriptors(backend), descriptor => listeners.Contains(descriptor.Value));

        Assert.InRange(held.Key, 3, int.MaxValue);
        Assert.True(KernelView.IsClosedOnExec(backend, held.Key));
    }

    [NativeFact]
    [Case(112)]
    public void NothingTheBackendOpenedReachesChildren()
    {
        int backend = Front.BackendPid();
        IReadOnlyDictionary<int, string> inherited = KernelView.Descriptors(Front.Pid);

        Assert.All(
            KernelView.Descriptors(backend).Where(d => d.Key > 2 && !inherited.Contains(d)),
            descriptor => Assert.True(KernelView.IsClosedOnExec(backend, descriptor.Key), descriptor.ToString()));
    }
}
