public import ArgumentParser
import Config
import Foundation
import Pipeline
import Records
import Storage

struct Features: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn patches into features.",
        discussion: """
            Writes JOB/<grid>/features_<encoder>/ID.h5 with features [N, D] and coords [N, 2], as TRIDENT does.
            he-texture-v1 is built in and needs no download; other encoders are files of weights with a JSON beside them
            (see README, "Your own encoder"). Several encoders share one pass over each slide.

            Examples:
              wsi features study --encoder he-texture-v1
              wsi features study --encoder uni/encoder.json --encoder resnet50/encoder.json --device cuda:all
            """.reflowed + Help.exitCodes
    )

    @OptionGroup var job: WrittenJob

    @Option(
        help: ArgumentHelp("he-texture-v1, or the JSON file of an encoder; may be repeated.", valueName: "name|file")
    )
    var encoder: [String]

    @Option(
        help: DeviceChoice.help("Where neural encoders compute"),
        completion: .list(DeviceChoice.words),
        transform: DeviceChoice.argument
    )
    var device: DeviceChoice = .auto

    @Option(
        help: ArgumentHelp(
            "What neural encoders compute in: auto, bf16 or fp32.",
            discussion:
                "auto is bf16 where the processor or GPU multiplies in it, else fp32; TorchScript is fp32, and computes in "
                + "bf16 by PyTorch's autocast where bf16 is asked for.",
            valueName: "precision"
        )
    )
    var precision: Precision = .auto

    @Flag(help: "First compare each neural encoder with the golden patch that came with it.")
    var checkEncoder = false

    @OptionGroup(title: "Slides") var dry: DryRunOption
    @OptionGroup(title: "Slides") var selection: SelectionOptions

    @OptionGroup(title: "Slides far away") var staging: StageOptions

    @OptionGroup(title: "Work") var work: WorkOptions

    func run() async throws {
        let layout = try job.layout()
        var settings = try await work.settings(selection)
        settings.staging = try staging.staging(dryRun: dry.dryRun)
        let needs = MachineNeeds.ofWork(settings, usesTemporaryFolder: !encoder.allSatisfy(EncoderChoice.isBuiltIn))
        try needs.check()
        let encoders = try EncoderChoice.distinct(encoder)
        if checkEncoder {
            for encoder in encoders { try await report(encoder, settings.programs) }
        }
        let stage = FeatureStage(
            layout: layout,
            encoders: encoders,
            device: device,
            precision: precision,
            settings: settings
        )
        if dry.dryRun { return try await dry.report(settings) { try await stage.previews(progress: $0) } }
        try needs.begin(in: layout.root)
        let statuses = try await stage.run(progress: work.progress.sink).map(\.report.exitStatus)
        try ExitStatus.worst(statuses).throwUnlessOK()
    }

    private func report(_ encoder: EncoderChoice, _ programs: Programs) async throws {
        guard let check = try await encoder.check(device: device, precision: precision, programs) else {
            return
        }
        if !work.quiet { Console.line("\(encoder.identity.name): \(check)") }
    }
}

extension Precision: ExpressibleByArgument {}
