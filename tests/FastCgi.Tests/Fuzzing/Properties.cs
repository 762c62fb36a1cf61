using System;
using System.Collections.Generic;
using FsCheck;
using FsCheck.Fluent;

namespace FastCgi.Tests.Fuzzing;

/// <summary>How properties are checked: many inputs, made from the same seed every time, and a failure is shrunk by FsCheck.</summary>
internal static class Properties
{
    private static readonly Config Settings = Config.QuickThrowOnFailure
        .WithMaxTest(2000)
        .WithEndSize(200)
        .WithReplay(20_261_120, 3);

    public static void Hold<T>(Gen<T> inputs, Func<T, bool> property) => Check.One(Settings, Prop.ForAll(inputs.ToArbitrary(), property));

    /// <summary>Two inputs that have nothing to do with each other.</summary>
    public static Gen<(T1, T2)> Both<T1, T2>(Gen<T1> first, Gen<T2> second) => first.SelectMany(one => second.Select(other => (one, other)));

    public static Gen<(T1, T2, T3)> All<T1, T2, T3>(Gen<T1> first, Gen<T2> second, Gen<T3> third) =>
        Both(Both(first, second), third).Select(all => (all.Item1.Item1, all.Item1.Item2, all.Item2));

    public static Gen<T> Any<T>() => ArbMap.Default.GeneratorFor<T>();

    /// <summary>Bytes of every length there is a rule about, more often short ones.</summary>
    public static Gen<byte[]> Bytes(int most) => Gen.OneOf(
        Any<byte[]>(),
        Gen.Elements(0, 1, 7, 8, 126, 127, 128, 129, 255, 256, most).Where(length => length <= most).SelectMany(Exactly));

    /// <summary>Pairs as a front sends them; their names are few, so that they repeat.</summary>
    public static Gen<List<(byte[] Name, byte[] Value)>> Pairs() => Both(
            Gen.OneOf(
                Gen.Elements("HTTP_A", "HTTP_B", "HTTP_COOKIE", "HTTP_PROXY", "HTTP_", "A", "B", "SCRIPT_NAME", "").Select(System.Text.Encoding.ASCII.GetBytes),
                Bytes(300)),
            Bytes(300))
        .ListOf()
        .Select(pairs => new List<(byte[], byte[])>(System.Linq.Enumerable.Select(pairs, pair => (pair.Item1, pair.Item2))));

    /// <summary>The pairs, each length in its shortest form or, where <paramref name="longForm"/> has a bit, in four bytes.</summary>
    public static byte[] Encode(IEnumerable<(byte[] Name, byte[] Value)> pairs, uint longForm = 0)
    {
        List<byte> stream = [];
        foreach ((byte[] name, byte[] value) in pairs)
        {
            AddLength(name.Length, (longForm & 1) != 0);
            AddLength(value.Length, (longForm & 2) != 0);
            longForm = (longForm >> 2) | (longForm << 30);
            stream.AddRange(name);
            stream.AddRange(value);
        }
        return [.. stream];

        void AddLength(int length, bool four)
        {
            if (four || length > 127)
                stream.AddRange([(byte)(0x80 | (length >> 24)), (byte)(length >> 16), (byte)(length >> 8)]);
            stream.Add((byte)length);
        }
    }

    /// <summary>Where bytes are cut: any number of places, in order.</summary>
    public static int[] Cuts(int[] numbers, int length)
    {
        int[] cuts = Array.ConvertAll(numbers, number => (int)((uint)number % (uint)(length + 1)));
        Array.Sort(cuts);
        return cuts;
    }

    private static Gen<byte[]> Exactly(int length) => Any<byte>().ArrayOf(length);
}
