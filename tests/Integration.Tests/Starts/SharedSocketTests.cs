using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Integration.Tests.Fronts;
using Xunit;

namespace Integration.Tests.Starts;

/// <summary>Two processes on one listening socket, as spawn-fcgi -F makes them, which share its O_NONBLOCK (case 113).</summary>
[Needs("spawn-fcgi")]
public sealed class SharedSocketTests : IAsyncLifetime, IDisposable
{
    private readonly WorkFolder _folder = new();
    private readonly List<int> _siblings = [];
    private Group _starter = null!;

    private string Socket => $"/proc/{_siblings[^1]}/cwd/socket";

    public async Task InitializeAsync()
    {
        if (NeedsAttribute.MissingFor(GetType()) is not null)
            return;
        _starter = new Group(_folder, $"exec spawn-fcgi -F 2 -s ./socket -P pids -- '{Machine.Responder}' 2>>log");
        Assert.Equal(0, await _starter.ExitCodeAsync());
        _siblings.AddRange((await File.ReadAllTextAsync(_folder.At("pids")))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line, CultureInfo.InvariantCulture)));
        _siblings.ForEach(LeftOver.Note);
    }

    public async Task DisposeAsync()
    {
        foreach (int sibling in _siblings)
        {
            Signals.Send(sibling, Signals.Kill);
            LeftOver.Forget(sibling);
        }
        if (_starter is not null)
            await _starter.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    [FrontFact]
    [Case(113)]
    public async Task EveryConnectionIsAnsweredByOneOfThem()
    {
        Assert.Equal(2, _siblings.Count);
        string[] answers = await Task.WhenAll(
            Enumerable.Range(0, 500).Select(number => Task.Run(() => RawFront.GetAsync(Socket, "/api/query", $"number={number}|"))));

        Assert.All(answers.Index(), answer => Assert.Contains($"number={answer.Index}|", answer.Item));
        Assert.All(_siblings, sibling => Assert.True(KernelView.IsRunning(sibling)));
    }

    [FrontFact]
    [Case(113, 116)]
    public async Task TheOtherGoesOnWhenOneIsStopped()
    {
        await EveryConnectionIsAnsweredByOneOfThem(); // both have started

        Signals.Send(_siblings[0], Signals.Terminate);
        await Eventually.TrueAsync("it ends", () => !KernelView.IsRunning(_siblings[0]));

        for (int number = 0; number < 100; number++)
            Assert.Contains($"number={number}|", await RawFront.GetAsync(Socket, "/api/query", $"number={number}|"));
    }
}
