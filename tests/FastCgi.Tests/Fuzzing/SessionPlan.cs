using System.Collections.Generic;

namespace FastCgi.Tests.Fuzzing;

/// <summary>What a session does and how its server is set up.</summary>
/// <param name="Seed">What it was made from.</param>
/// <param name="Steps">Its steps, in order.</param>
/// <param name="Multiplexes">Whether its server lets requests share a connection.</param>
/// <param name="PostsLater">Whether what the server posts to its loop waits there, as behind other connections.</param>
internal sealed record SessionPlan(long Seed, List<Step> Steps, bool Multiplexes, bool PostsLater);
