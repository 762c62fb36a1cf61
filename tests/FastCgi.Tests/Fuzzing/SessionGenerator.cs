using System;
using System.Collections.Generic;

namespace FastCgi.Tests.Fuzzing;

/// <summary>
/// Makes up a session: a few rounds, each a conversation on one or two connections that the same objects then serve again, with all
/// that may happen in between. The same seed makes the same session. The last round is orderly: after all of it the server serves.
/// </summary>
internal sealed class SessionGenerator
{
    public const int Rounds = 8;

    private readonly Dice _dice;
    private readonly Draft _draft;
    private readonly ConversationGenerator _conversations;
    private readonly List<Step> _steps = [];

    private SessionGenerator(long seed, Draft draft)
    {
        _dice = new Dice(seed);
        _draft = draft;
        _conversations = new ConversationGenerator(_dice, draft);
        Pooled = _dice.Chance(8);
        Multiplexes = !_dice.Chance(6);
        PostsLater = _dice.Chance(4);
    }

    private bool Pooled { get; }

    private bool Multiplexes { get; }

    private bool PostsLater { get; }

    public static SessionPlan Make(long seed, Draft draft)
    {
        var generator = new SessionGenerator(seed, draft);
        for (int round = 1; round < Rounds; round++)
        {
            if (generator._dice.Chance(5))
                generator.Orderly();
            else
                generator.Disorderly();
        }
        generator.Orderly();
        return new SessionPlan(seed, generator._steps, generator.Multiplexes, generator.PostsLater);
    }

    private void Orderly()
    {
        bool slow = _dice.Chance(4);
        bool overlap = slow || PostsLater; // a request may still be open when the next begins
        bool interleaved = Multiplexes && _dice.Chance(2);
        int requests = overlap && !Multiplexes ? 1 : _dice.Next(1, 5);
        var end = _dice.Of<RoundEnd>([RoundEnd.HalfClose, RoundEnd.AllAnswered, RoundEnd.AllAnsweredAndClosed]);
        List<(ushort, byte[])> expected = _conversations.Orderly(
            requests, distinct: overlap || interleaved, interleaved, keep: end != RoundEnd.AllAnsweredAndClosed);
        byte[] bytes = _draft.ToArray();
        if (slow)
            _steps.Add(new Step(StepKind.Window, 0, _dice.Next(1, 3000)));
        foreach ((int from, int to) in Cuts(bytes.Length))
        {
            _steps.Add(new Step(StepKind.Send, 0, 0, bytes.AsMemory(from..to)));
            if (slow)
                _steps.Add(new Step(StepKind.ReadSome, 0, _dice.Next(1, 3000)));
            if (_dice.Chance(10))
                _steps.Add(new Step(StepKind.Sweep, 0, 1000)); // nothing takes too long
        }
        _steps.Add(new Step(StepKind.EndRound, 0, (int)end, Expected: expected));
    }

    private void Disorderly()
    {
        int first = _steps.Count;
        Conversation(line: 0);
        if (_dice.Chance(5))
        {
            int second = _steps.Count;
            Conversation(line: 1);
            Shuffle(first, second);
        }
        _steps.Add(new Step(StepKind.EndRound, 0, (int)_dice.Of<RoundEnd>([RoundEnd.AbortAll, RoundEnd.AbortAll, RoundEnd.Wait, RoundEnd.HalfClose, RoundEnd.Close])));
    }

    private void Conversation(int line)
    {
        byte[] bytes = Bytes();
        if (_dice.Chance(5))
            _steps.Add(new Step(StepKind.Window, line, _dice.Chance(2) ? _dice.Next(60) : _dice.Next(6000)));
        bool calm = _dice.Chance(2);
        foreach ((int from, int to) in Cuts(bytes.Length))
        {
            _steps.Add(new Step(StepKind.Send, line, 0, bytes.AsMemory(from..to)));
            if (!calm && _dice.Chance(2))
                Event(line);
        }
    }

    private byte[] Bytes()
    {
        if (_dice.Chance(60))
        {
            byte[] noise = new byte[_dice.Next(300)];
            _dice.Fill(noise);
            if (noise.Length > 0 && _dice.Chance(2))
                noise[0] = 1;
            return noise;
        }
        _conversations.Any(Pooled);
        for (int damages = _dice.Next(5) - 1; damages > 0; damages--)
            Damage.Records(_draft, _dice);
        byte[] bytes = _draft.ToArray();
        for (int damages = _dice.Chance(3) ? _dice.Next(1, 3) : 0; damages > 0; damages--)
            bytes = Damage.Bytes(bytes, _dice);
        return bytes;
    }

    private void Event(int line) => _steps.Add(_dice.Next(16) switch
    {
        0 or 1 => new Step(StepKind.Window, line, _dice.Next(4) switch { 0 => 0, 1 => _dice.Next(40), _ => _dice.Next(4000) }),
        2 or 3 => new Step(StepKind.ReadSome, line, _dice.Next(1, 2000)),
        4 or 5 => new Step(StepKind.ReadAll, line),
        6 or 7 => new Step(StepKind.Sweep, line, _dice.Of<int>([0, 1000, 2500, 5500, 11_000, 70_000])),
        8 => new Step(StepKind.Sweep, line, _dice.Of<int>([80_000, 370_000, 601_000, 700_000])),
        9 => new Step(_dice.Chance(3) ? StepKind.Close : StepKind.HalfClose, line),
        10 => new Step(StepKind.Drain, line),
        11 => new Step(_dice.Chance(3) ? StepKind.CutOff : StepKind.Drain, line),
        _ => new Step(StepKind.Release, line),
    });

    /// <summary>Where the bytes are cut into arrivals: not at all, here and there, or often.</summary>
    private List<(int From, int To)> Cuts(int length)
    {
        int pieces = 1 + _dice.Next(4) switch { 0 => 0, 1 => _dice.Next(3), 2 => _dice.Next(10), _ => _dice.Next(_dice.Chance(10) ? 200 : 20) };
        List<(int, int)> cuts = [];
        for (int from = 0; from < length; pieces--)
        {
            int to = pieces <= 1 ? length : from + _dice.Next(1, Math.Max(2, 2 * (length - from) / pieces));
            to = Math.Min(to, length);
            cuts.Add((from, to));
            from = to;
        }
        return cuts;
    }

    /// <summary>Lets what happens on the two connections alternate.</summary>
    private void Shuffle(int first, int second)
    {
        List<Step> one = _steps.GetRange(first, second - first), other = _steps.GetRange(second, _steps.Count - second);
        _steps.RemoveRange(first, _steps.Count - first);
        for (int i = 0, j = 0; i < one.Count || j < other.Count;)
            _steps.Add(j == other.Count || (i < one.Count && _dice.Chance(2)) ? one[i++] : other[j++]);
    }
}
