import Config
import Foundation
import Messages
import Records
import TestSupport
import Testing

/// Devices by name, on machines with and without GPUs. GPUs are what a script in the place of `wsi-compute` says: it notes the device
/// that it is told, and has the real one compute on the processor.
@Suite struct DeviceCommandTests {
    private static let made = Result { try StandIn.make() }

    private let stand: StandIn
    private var made: Scratch { stand.made }
    private var scratch: Scratch { stand.scratch }
    private var job: String { stand.job }

    init() throws { stand = try StandIn(Self.made.get()) }

    private func config(device: String, seeds: String = "") throws -> String {
        try scratch.write(
            """
            {"name": "abmil", "cohort": {"slides": "\(made["sample/slides"].path)", "labels": "\(made["sample/labels.csv"].path)",
             "folds": 2, "val_fraction": 0.3}, "model": {"kind": "abmil"}, "evaluation": {"bootstrap": 100},
             "training": {"epochs": 2, \(seeds)"device": \(device)}}
            """,
            to: "study.json"
        ).path
    }

    /// Runs `wsi` on a machine that has so many GPUs by what the script says.
    /// - Parameter sound: the digits of those that compute; on others the real one finds that there is none.
    private func run(gpus: Int, sound: String = "0-9", _ arguments: String...) throws -> (
        command: Command, devices: [String]
    ) {
        let answer = EngineRequest.Answer(devices: (0..<gpus).map(ComputeDevice.cuda), precision: .fp32)
        try (Frame.hello + Frame(.answer, answer).encoded()).write(to: scratch["engine"])
        let log = scratch["questions"]
        try? FileManager.default.removeItem(at: log)
        let script = """
            if [ "$1" = engine ]; then cat '\(scratch["engine"].path)'; exit; fi
            # What stands beside the real one holds neither its stdout nor its stderr, which are waited for.
            exec 3<&0
            fifo=$(mktemp -u)
            mkfifo "$fifo"
            (tee -a '\(log.path)' | sed -u 's/"device":"cuda:[\(sound)]"/"device":"cpu"   /' > "$fifo") <&3 > /dev/null 2>&1 &
            exec "$real" "$@" < "$fifo" 3<&-
            """
        let command = try stand.run(script, arguments)
        let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        return (command, text.matches(of: /"device":"(cuda:\d)"/).map { String($0.1) })
    }

    @Test func foldsOfAllSeedsAreSpreadOverTheGPUsAndEachProcessIsToldItsOwn() throws {
        let config = try config(device: "\"cuda:all\"", seeds: #""seeds": [1, 2, 3], "#)
        let (trained, devices) = try run(gpus: 2, "train", "--config", config, "--out", job, "--workers", "8")
        #expect(trained.exit == 0, "\(trained.errors)")
        #expect(devices.count == 6 && Set(devices) == ["cuda:0", "cuda:1"])
        #expect(Set(devices.prefix(2)) == ["cuda:0", "cuda:1"], "the first two at once")
        #expect(trained.errors.contains("train: folds on cuda:0 and cuda:1, 2 at a time"), "\(trained.errors)")
    }

    @Test func aGPUThatFailsCostsNoFoldOfTheOthersAndItsOwnGoesThere() throws {
        let config = try config(device: "\"cuda:all\"", seeds: #""seeds": [1, 2], "#)
        let (trained, devices) = try run(
            gpus: 2,
            sound: "0",
            "train",
            "--config",
            config,
            "--out",
            job,
            "--workers",
            "8"
        )
        #expect(trained.exit == 0, "\(trained.errors)")
        #expect(devices.filter { $0 == "cuda:1" }.count == 1 && devices.filter { $0 == "cuda:0" }.count == 4)
        #expect(trained.errors.contains(" has failed on cuda:1: "), "\(trained.errors)")
    }

    /// Commands of one fold each know nothing of each other.
    @Test(arguments: [0, 1]) func aCommandOfOneFoldBeginsOnTheGPUOfItsNumber(_ fold: Int) throws {
        let config = try config(device: "\"cuda:all\"")
        let (trained, devices) = try run(gpus: 2, "train", "--config", config, "--out", job, "--fold", "\(fold)")
        #expect(trained.exit == 0 && devices == ["cuda:\(fold)"], "\(devices): \(trained.errors)")
    }

    /// What is computed on which GPU is nobody's result: the fold stands.
    @Test func anotherGPUMakesNoOtherTraining() throws {
        let first = try run(gpus: 2, "train", "--config", config(device: "\"cuda:1\""), "--out", job)
        #expect(first.command.exit == 0, "\(first.command.errors)")
        let again = try run(gpus: 2, "train", "--config", config(device: "\"cuda:all\""), "--out", job)
        #expect(again.command.exit == 0 && again.devices.isEmpty, "\(again.command.errors)")
    }

    @Test func slidesArePredictedOnEveryGPU() throws {
        let config = try config(device: "\"cpu\"")
        let trained = try run(gpus: 2, "train", "--config", config, "--out", job)
        #expect(trained.command.exit == 0 && trained.devices.isEmpty, "\(trained.command.errors)")
        let predicted = try run(gpus: 3, "predict", job, "--model", "abmil", "--device", "cuda:all")
        #expect(predicted.command.exit == 0, "\(predicted.command.errors)")
        #expect(predicted.devices.sorted() == ["cuda:0", "cuda:1", "cuda:2"])
        let made = Scratch.tree(scratch["job/predictions"]).filter { $0.key.hasSuffix(".h5") }
        #expect(made.count == 8)
        try FileManager.default.removeItem(at: scratch["job/predictions"])
        try FileManager.default.removeItem(at: scratch["job/outcomes/predict_abmil"])
        #expect(try run(gpus: 1, "predict", job, "--model", "abmil", "--device", "cpu").command.exit == 0)
        let plain = Scratch.tree(scratch["job/predictions"]).filter { $0.key.hasSuffix(".h5") }
        #expect(plain == made, "whatever the shares")
    }

    @Test(arguments: ["cuda:x", "gpu", "cuda:-1", "CUDA", "cuda:0,cuda:0"])
    func aWordThatIsNoDeviceIsRefusedInOneLine(_ word: String) throws {
        let wanted = word == "cuda:0,cuda:0" ? "cuda:0 is named twice" : "one of auto, cpu, cuda, cuda:all or cuda:N"
        for command in [
            ["features", job, "--encoder", "x.json"], ["predict", job, "--model", "m"], ["encoder", "check", "x"],
        ] {
            let result = try Command.run(command + ["--device=\(word)"])
            #expect(result.exit == 2 && result.errorLines.count == 1, "\(result.errors)")
            #expect(
                result.errors.contains("'\(word)' is invalid for '--device <device>': \(wanted)"),
                "\(result.errors)"
            )
        }
        let config = try config(device: "\"\(word)\"")
        let result = try Command.run("train", "--config", config, "--out", job)
        #expect(result.exit == 2 && result.errorLines.count == 1)
        #expect(result.errors.contains("training.device: \(wanted)"), "\(result.errors)")
    }

    @Test(arguments: ["3", "\"\"", "[\"cuda:0\"]"]) func aConfigWithoutAWordIsRefused(_ device: String) throws {
        let result = try Command.run("train", "--config", config(device: device), "--out", job)
        #expect(result.exit == 2 && result.errorLines.count == 1)
        #expect(
            result.errors.contains("training.device: one of auto, cpu, cuda, cuda:all or cuda:N"),
            "\(result.errors)"
        )
    }

    /// On machines whose LibTorch sees no GPU, as those of tests.
    @Test(arguments: ["cuda", "cuda:all", "cuda:99"], ["", nil] as [String?])
    func aGPUThatIsNotThereIsOneLineBeforeAnyWork(_ word: String, _ mask: String?) throws {
        let environment = mask.map { ["CUDA_VISIBLE_DEVICES": $0] } ?? [:]
        let before = Scratch.tree(scratch["job"]).filter { !$0.key.hasPrefix("audit/") }
        let config = try config(device: "\"\(word)\"")
        for command in [["train", "--config", config, "--out", job], ["run", "--config", config, "--out", job]] {
            let result = try Command.run(command, environment: environment)
            #expect(result.exit == 2 && result.errorLines.count == 1, "\(result.errors)")
            let line = result.errorLines.first ?? ""
            #expect(line.contains("error[E_USAGE] device \(word): "), "\(line)")
            #expect(line.contains("use cpu") || line.contains("cpu goes without"), "\(line)")
        }
        #expect(Scratch.tree(scratch["job"]).filter { !$0.key.hasPrefix("audit/") } == before)
    }

    @Test func theDoctorTellsOfADriverWhoseGPUsLibTorchCannotUse() throws {
        func line(_ subject: String, gpus: Int, fault: Int = 0) throws -> String {
            let folder = scratch["driver-\(gpus)-\(fault)"]
            let fake = try FakeDriver(in: folder, gpus: gpus, fault: fault)
            let result = try Command.run(["doctor"], environment: ["LD_LIBRARY_PATH": fake.folder.path])
            #expect([0, 2, 75].contains(result.exit) && result.errors.isEmpty, "\(result.errors)")
            return result.output.split(separator: "\n").map(String.init).first { $0.dropFirst(6).hasPrefix(subject) }
                ?? ""
        }
        let two = try line("GPU", gpus: 2)
        #expect(two.contains("Fake A100 (8.0); Fake H200 (9.0): there, but LibTorch "), "\(two)")
        #expect(two.contains("driver 570.86.15 for CUDA up to 12.8"), "\(two)")
        #expect(try line("GPU", gpus: 0).contains("shown (cuInit: CUDA_ERROR_NO_DEVICE (100)"))
        #expect(try line("GPU", gpus: 2, fault: 802).contains("(cuInit: 802"))
        let processor = try line("cpu", gpus: 0)
        #expect(processor.contains("TFLOP/s; the numbers are right"), "\(processor)")
    }
}
