using Xunit;

// Each of these tests keeps every core busy.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
