import Config
import Foundation
import Messages
import Records

/// The half of the program that is linked to LibTorch, and the machine's GPUs.
struct DoctorCompute {
    var programs: Programs

    func lines() async -> [DoctorReport.Line] {
        let said: MachineRequest.Answer
        do { said = try await ComputeCall(programs: programs, timeout: .seconds(60)).ask(MachineRequest()) } catch {
            return [Self.fault(Failure(error))] + Self.graphics(nil, isBuiltWithCUDA: false, await Self.devices())
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
            said.devices.map { "CUDA with \($0) device(s)" }
                ?? (said.isBuiltWithCUDA ? "CUDA without a device" : "no CUDA"),
        ]
        return [own, Self.torch(said.libtorch, parts.joined(separator: ", "))]
            + Self.graphics(said.devices != nil, isBuiltWithCUDA: said.isBuiltWithCUDA, await Self.devices())
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
        // One that does not know the question is of another build; one that does not start lacks a library.
        return .fail(
            "wsi-compute",
            failure.message,
            fix: "install both from one build; ldd wsi-compute names libraries that are missing"
        )
    }

    /// What the driver tells: the devices' names with its version. Empty where there is none.
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

    /// - Parameters:
    ///   - hasCUDA: whether LibTorch computes there; nil where that is not known.
    ///   - isBuiltWithCUDA: whether LibTorch would, were there a driver.
    ///   - devices: as the driver tells.
    static func graphics(_ hasCUDA: Bool?, isBuiltWithCUDA: Bool, _ devices: [String]) -> [DoctorReport.Line] {
        let shown = devices.joined(separator: "; ")
        switch (hasCUDA, devices.isEmpty) {
        case (true, _): return [.ok("GPU", devices.isEmpty ? "CUDA works" : shown)]
        case (false, false):
            return [
                .warn(
                    "GPU",
                    "\(shown): there, but LibTorch has no CUDA or cannot use it",
                    fix: isBuiltWithCUDA
                        ? "the driver may be too old for this LibTorch, or the process may not use the device"
                        : "get LibTorch with CUDA (pip install torch==2.13.0); a tarball takes its folder as WSI_LIBTORCH, else build with LIBTORCH"
                )
            ]
        case (nil, false): return [.ok("GPU", "\(shown); whether LibTorch can use it is not known")]
        case (false, true) where isBuiltWithCUDA:
            let fix = "install NVIDIA's driver, or give the container its GPU; without one that is how it stays"
            return [.warn("GPU", "no driver that CUDA can use; everything computes on the processor", fix: fix)]
        case (_, true): return [.ok("GPU", "none; everything computes on the processor")]
        }
    }
}
