using System;
using System.Threading.Tasks;
using Xunit;

namespace Qemu.Tests.Fixture;

/// <summary>
/// One machine for all tests that leave it as it was; started by the first of them. It has the smallest memory that Debian's
/// kernel starts in, so whatever is tested, is tested there.
/// </summary>
public sealed class SharedGuest : IAsyncLifetime
{
    private readonly Lazy<Task<Guest>> _guest = new(() => Guest.StartAsync(new GuestOptions("shared")));

    public Task<Guest> StartedAsync() => _guest.Value;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_guest.IsValueCreated && _guest.Value.IsCompletedSuccessfully)
            await (await _guest.Value).DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class OnSharedGuest : ICollectionFixture<SharedGuest>
{
    public const string Name = "on the shared guest";
}
