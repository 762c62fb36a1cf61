using System;
using System.Threading.Tasks;

namespace Appliance.Status;

/// <summary>Why a call has no answer.</summary>
internal enum NoAnswer
{
    /// <summary>It did not return in time, now or when it was made last.</summary>
    Timeout,

    /// <summary>It was not made because too many others hang.</summary>
    TooManyHang,

    /// <summary>It was not made because others took all the time there was.</summary>
    OutOfTime,
}

/// <summary>One caller's calls, and how far they have come: for <see cref="GuardedCalls{TAnswer}"/>.</summary>
/// <typeparam name="TAnswer">What a call answers.</typeparam>
/// <param name="count">How many they are.</param>
internal abstract class GuardedRound<TAnswer>(int count)
{
    /// <summary>When its caller came, by Stopwatch.</summary>
    public long Started { get; set; }

    /// <summary>Completes when all answers are there; what awaits it goes on on the thread that completes it.</summary>
    public TaskCompletionSource Completion { get; } = new();

    /// <summary>Index of the call whose answer is due.</summary>
    public int Next { get; set; }

    public bool IsCalling { get; set; }

    public long CallStarted { get; set; }

    /// <summary>How long the call took whose answer is being taken, in ticks of Stopwatch; 0 for one that was not made.</summary>
    public long Took { get; set; }

    public bool IsDone => Next == count;

    /// <summary>Asked before each call: whether anybody still waits for the answers.</summary>
    public virtual bool IsWanted => true;

    /// <summary>What hangs if the call hangs: the same in every round.</summary>
    public abstract int KeyOf(int index);

    /// <summary>Makes a call.</summary>
    public abstract TAnswer Call(int index);

    /// <summary>The answer of a call that threw; on its thread.</summary>
    public abstract TAnswer Failed(int index, Exception reason);

    /// <summary>A call hangs: what it uses, it may use long after the round has ended, and others need their own.</summary>
    public virtual void Abandon(int index)
    {
    }

    /// <summary>The answer in place of the call's own.</summary>
    public abstract TAnswer Unanswered(int index, NoAnswer reason);

    /// <summary>Takes the answers, one by one, in order.</summary>
    public abstract void Take(int index, TAnswer answer);
}
