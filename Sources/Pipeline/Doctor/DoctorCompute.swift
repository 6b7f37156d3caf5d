import Config
import Files
import Foundation
import Messages
import Records
import Synchronization

/// The half of the program that is linked to LibTorch, and the devices that it computes on.
struct DoctorCompute {
    /// What it found: lines for people, and the facts of the devices.
    struct Findings {
        var lines: [DoctorReport.Line]
        var driver: DriverFacts?
        var devices: [DeviceCheck] = []
    }

    var programs: Programs
    var timeout = ComputeCall.driverTimeout
    /// For the end of a process that was killed.
    var patience = Duration.seconds(10)

    func findings() async -> Findings {
        let said: MachineRequest.Answer
        do {
            said = try await ComputeCall(programs: programs, timeout: timeout, patience: patience).ask(MachineRequest())
        } catch {
            return Findings(lines: [Self.fault(Failure(error))] + Self.graphics(await Self.devices()))
        }
        let isSame = said.release == Release.version
        let own: DoctorReport.Line =
            isSame
            ? .ok("wsi-compute", said.release)
            : .fail(
                "wsi-compute",
                "\(said.release) beside wsi \(Release.version)",
                fix: "install both from one build"
            )
        let parts = [
            said.libtorch, "kernels for \(said.capability)", said.hasOneDNN ? "oneDNN" : "no oneDNN",
            "networks compute in \(said.precision.rawValue)",
            said.devices.map { "CUDA\(said.cuda.map { " \($0)" } ?? "") with \($0) device(s)" }
                ?? (said.isBuiltWithCUDA ? "CUDA\(said.cuda.map { " \($0)" } ?? "") without a device" : "no CUDA"),
        ]
        var findings = await checked(said)
        findings.lines = [own, Self.torch(said.libtorch, parts.joined(separator: ", "))] + findings.lines
        return findings
    }

    /// The driver and every device; those that were told before a process ended count.
    private func checked(_ machine: MachineRequest.Answer) async -> Findings {
        let words = Mutex<[DevicesRequest.Word]>([])
        var end: Failure?
        do {
            let question = DevicesRequest(threads: MachineShare().coreCount)
            _ = try await ComputeCall(programs: programs, timeout: timeout, patience: patience).ask(question) { word in
                words.withLock { $0.append(word) }
            }
        } catch { end = Failure(error) }
        var findings = Findings(lines: [])
        var place: ComputeDevice?
        for word in words.withLock({ $0 }) {
            switch word {
            case .driver(let facts): findings.driver = facts
            case .begins(let device): place = device
            case .check(let check):
                findings.devices.append(check)
                place = nil
            }
        }
        findings.lines = DoctorGPU.lines(machine, findings.driver, findings.devices, end: end, at: place)
        return findings
    }

    private static func torch(_ version: String, _ text: String) -> DoctorReport.Line {
        guard ["2.11.", "2.12.", "2.13."].contains(where: version.hasPrefix) else {
            return .warn("LibTorch", text, fix: "2.13 is supported; install it (scripts/setup) and build again")
        }
        return .ok("LibTorch", text)
    }

    private static func fault(_ failure: Failure) -> DoctorReport.Line {
        if failure.code == .notFound {
            return .fail("wsi-compute", "not beside wsi", fix: "install both programs in one folder")
        }
        if failure.code == .io {
            let fix = "try again; where there is a GPU, have its driver looked at: nvidia-smi, dmesg"
            return .down("wsi-compute", failure.message, fix: fix)
        }
        // One that does not know the question is of another build; one that does not start lacks a library.
        return .fail(
            "wsi-compute",
            failure.message,
            fix: "install both from one build; ldd wsi-compute names libraries that are missing"
        )
    }

    /// What the system tells without `wsi-compute`: the devices' names with the driver's version. Empty where there is none.
    private static func devices() async -> [String] {
        if let program = DoctorProgram.find(["nvidia-smi"]) {
            let query = ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
            let lines = await DoctorProgram.lines(program, query)
            if !lines.isEmpty { return lines }
        }
        let version = DoctorProgram.text("/proc/driver/nvidia/version")?
            .split(separator: "\n").first.map(String.init)
        return [version].compactMap(\.self)
    }

    /// - Parameter devices: as the system tells.
    static func graphics(_ devices: [String]) -> [DoctorReport.Line] {
        guard !devices.isEmpty else { return [.ok("GPU", "none; everything computes on the processor")] }
        return [.ok("GPU", "\(devices.joined(separator: "; ")); whether LibTorch can use it is not known")]
    }
}
