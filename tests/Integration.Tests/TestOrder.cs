using Xunit;

// One server at a time: a machine with two cores has enough to do with one, and its figures are its own.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
