using System;
using Xunit;

namespace FastCgi.Tests.Fuzzing;

/// <summary>
/// Made-up conversations, each reproducible from its number. Shows: no exception escapes, only whole records are sent, every
/// request begun ends once or the connection closes.
/// </summary>
public class ConversationFuzzTests
{
    private const int Conversations = 20_000;

    [Theory]
    [InlineData(1_000_000)]
    [InlineData(2_000_000)]
    public void WhateverIsSaidTheServerKeepsItsPromises(int firstSeed)
    {
        FuzzedConversation? conversation = null;
        for (int i = 0; i < Conversations / 2; i++)
        {
            // The connection's object is used again, as the server does; now and then a new one, to keep the log short.
            if (conversation is null || i % 50 == 0)
                conversation = new FuzzedConversation();
            try
            {
                conversation.Hold(firstSeed + i);
            }
            catch (Exception e)
            {
                Assert.Fail($"conversation {firstSeed + i} (the {i % 50}th of its connection): {e}");
            }
        }
    }
}
