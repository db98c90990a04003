using System.Text.Json;
using Grpc.Core;
using Hokusai.AwsStub.Rules;
using Hokusai.AwsStub.Schema;
using Hokusai.AwsStub.Values;

namespace Hokusai.AwsStub.Protocol;

/// <summary>
/// The AWS provider without AWS: it validates, plans and applies by schema and rules, and forgets everything at once;
/// what was applied lies in Terraform's state alone.
/// </summary>
internal sealed class StubProvider(ProviderSchema schema, ResourceRules rules, SessionTable sessions) : Provider.ProviderBase
{
    public override Task<Schemas> GetSchema(Nothing request, ServerCallContext context)
    {
        var answer = new Schemas { Provider = Wire.Of(schema.Provider) };
        foreach (var (type, block) in schema.Resources) answer.Resources[type] = Wire.Of(block);
        foreach (var (type, block) in schema.DataSources) answer.DataSources[type] = Wire.Of(block);
        return Task.FromResult(answer);
    }

    public override Task<PreparedConfiguration> PrepareProviderConfig(Configuration request, ServerCallContext context) => Task.FromResult(new PreparedConfiguration { PreparedConfig = request.Config });

    public override Task<Outcome> Configure(ConfigureRequest request, ServerCallContext context)
    {
        var session = sessions.Of(context);
        session.Configure(Wire.Block(request.Config) ?? []);
        return Task.FromResult(new Outcome
        {
            Diagnostics =
            {
                new Diagnostic
                {
                    Severity = Severity.Warning,
                    Summary = "Stub of the AWS provider",
                    Detail = $"This stub never talks to AWS: nothing is created, and what AWS would answer is made up (schema of provider {schema.Version}).",
                },
            },
        });
    }

    public override Task<Outcome> ValidateResourceTypeConfig(TypedConfiguration request, ServerCallContext context)
    {
        var block = schema.Resources[request.TypeName];
        var value = Wire.Block(request.Config)!;
        var outcome = new Outcome();
        outcome.Diagnostics.AddRange(Unconfigurable.In(block, value).Concat(rules.Check(request.TypeName, block, value)).Select(Wire.Of));
        return Task.FromResult(outcome);
    }

    public override Task<Outcome> ValidateDataSourceConfig(TypedConfiguration request, ServerCallContext context)
    {
        var outcome = new Outcome();
        outcome.Diagnostics.AddRange(Unconfigurable.In(schema.DataSources[request.TypeName], Wire.Block(request.Config)!).Select(Wire.Of));
        return Task.FromResult(outcome);
    }

    public override Task<StateOutcome> UpgradeResourceState(StoredState request, ServerCallContext context)
    {
        using var stored = JsonDocument.Parse(request.RawState.Json.Memory);
        return Task.FromResult(new StateOutcome { State = Wire.Of(JsonValues.Read(stored.RootElement)) });
    }

    public override Task<StateOutcome> ReadResource(ReadRequest request, ServerCallContext context)
    {
        if (Wire.Block(request.CurrentState) is { } value) sessions.Of(context).Remember(request.TypeName, value);
        return Task.FromResult(new StateOutcome { State = request.CurrentState });
    }

    public override Task<PlanOutcome> PlanResourceChange(PlanRequest request, ServerCallContext context)
    {
        if (Wire.Block(request.ProposedNewState) is not { } proposed) return Task.FromResult(new PlanOutcome { PlannedState = request.ProposedNewState });
        var block = schema.Resources[request.TypeName];
        var outcome = new PlanOutcome();
        // Again, since more is known than when the configuration was validated.
        outcome.Diagnostics.AddRange(rules.Check(request.TypeName, block, Wire.Block(request.Config)!).Select(Wire.Of));
        var planned = Wire.Block(request.PriorState) is null ? Planned.New(block, proposed) : proposed;
        sessions.Of(context).AddTags(block, planned);
        foreach (var (name, attribute) in block.Attributes) if (attribute.WriteOnly) planned[name] = null;
        outcome.PlannedState = Wire.Of(planned);
        return Task.FromResult(outcome);
    }

    public override Task<ApplyOutcome> ApplyResourceChange(ApplyRequest request, ServerCallContext context)
    {
        if (Wire.Block(request.PlannedState) is not { } planned) return Task.FromResult(new ApplyOutcome { NewState = request.PlannedState });
        var block = schema.Resources[request.TypeName];
        var session = sessions.Of(context);
        var applied = AwsValues.Resource(request.TypeName, block, planned, session.Region, session.CountCopy(request.TypeName, planned));
        var outcome = new ApplyOutcome();
        // Only now are the ARNs and ids of other resources known.
        outcome.Diagnostics.AddRange(rules.Check(request.TypeName, block, Wire.Block(request.Config)!).Select(Wire.Of));
        if (Wire.Block(request.PriorState) is null && session.Clash(request.TypeName, applied) is { } clash) outcome.Diagnostics.Add(Wire.Of(clash));
        // What is refused was not made.
        outcome.NewState = outcome.Diagnostics.Count == 0 ? Wire.Of(applied) : request.PriorState;
        return Task.FromResult(outcome);
    }

    public override Task<StateOutcome> ReadDataSource(TypedConfiguration request, ServerCallContext context)
    {
        var answer = AwsValues.Data(request.TypeName, schema.DataSources[request.TypeName], Wire.Block(request.Config)!, sessions.Of(context).Region);
        if (request.TypeName == "aws_iam_policy_document") PolicyDocument.Render(answer);
        return Task.FromResult(new StateOutcome { State = Wire.Of(answer) });
    }

    public override Task<StopOutcome> Stop(Nothing request, ServerCallContext context) => Task.FromResult(new StopOutcome());
}
