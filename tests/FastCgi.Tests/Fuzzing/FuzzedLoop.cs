using System;
using System.Collections.Generic;
using System.Threading;

namespace FastCgi.Tests.Fuzzing;

/// <summary>The thread that serves all connections when it has more to do: what is posted to it is done later, and in any order.</summary>
internal sealed class FuzzedLoop(Dice dice)
{
    private readonly List<Action> _posted = [];
    private readonly Lock _gate = new();

    /// <summary>From any thread.</summary>
    public void Post(Action action)
    {
        lock (_gate)
            _posted.Add(action);
    }

    /// <summary>Does some of what has been posted, or nothing.</summary>
    public void RunSome()
    {
        while (!dice.Chance(3) && Take() is Action action)
            action();
    }

    /// <summary>Does all of it, and what is posted meanwhile.</summary>
    public void RunAll()
    {
        while (Take() is Action action)
            action();
    }

    private Action? Take()
    {
        lock (_gate)
        {
            if (_posted.Count == 0)
                return null;
            int at = dice.Next(_posted.Count);
            Action taken = _posted[at];
            _posted.RemoveAt(at);
            return taken;
        }
    }
}
