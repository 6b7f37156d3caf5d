import Config
import Files
import Foundation
import Messages
import Records

/// What `wsi doctor` says of devices: whether there are GPUs and LibTorch can use them, and whether every device multiplies rightly.
enum DoctorGPU {
    /// Of a `wsi-compute` that has told what it is.
    /// - Parameters:
    ///   - driver: nil where the look at it failed.
    ///   - checks: of the processor and the GPUs that LibTorch sees, as far as they came.
    ///   - end: why no more came; nil where these are all.
    ///   - place: the device whose check had begun then; nil where none had.
    static func lines(
        _ machine: MachineRequest.Answer,
        _ driver: DriverFacts?,
        _ checks: [DeviceCheck],
        end: Failure? = nil,
        at place: ComputeDevice? = nil
    ) -> [DoctorReport.Line] {
        var lines = driver.map { [whole(machine, $0)] } ?? []
        lines += checks.map { check in line(check, driver?.gpus.first { "cuda:\($0.index)" == check.device }) }
        if let end {
            let moment =
                place.map { "at \($0)" } ?? (driver == nil ? "while the driver was asked" : "between the devices")
            let fix = place.map { "name other devices and have the driver of \($0) looked at: nvidia-smi, dmesg" }
            lines.append(
                .fail(
                    "devices",
                    "the check ended \(moment): \(end.message)",
                    fix: fix ?? "have the driver looked at: nvidia-smi, dmesg; --device cpu goes without it"
                )
            )
        }
        return lines
    }

    private static let processor = "everything computes on the processor"

    /// Whether there are GPUs, and what keeps LibTorch from them.
    private static func whole(_ machine: MachineRequest.Answer, _ driver: DriverFacts) -> DoctorReport.Line {
        let subject = "GPU"
        let words = words(of: driver)
        let names = driver.gpus.map { "\($0.name) (\($0.capability))" }.joined(separator: "; ")
        let build =
            machine.isBuiltWithCUDA ? "LibTorch has CUDA \(machine.cuda ?? "")" : "LibTorch is a build without CUDA"
        switch (machine.isBuiltWithCUDA, driver.isFound, machine.devices ?? 0) {
        case (true, true, 1...):
            let devices = names.isEmpty ? "\(machine.devices ?? 0) device(s)" : names
            return .ok(subject, "\(devices); \(words); \(build)\(taken(machine, driver))")
        case (false, _, _) where !driver.gpus.isEmpty:
            return .warn(
                subject,
                "\(names): there, but \(build); \(words)",
                fix:
                    "get LibTorch with CUDA (pip install torch==\(machine.libtorch)); a tarball takes its folder as WSI_LIBTORCH, "
                    + "else build with LIBTORCH"
            )
        case (false, false, _):
            return .ok(subject, "none: \(build), and there is no NVIDIA driver (libcuda.so.1); \(processor)")
        case (false, true, _):
            return .ok(subject, "none: \(build), and no GPU is shown (\(said(driver)); \(words)); \(processor)")
        case (true, false, _):
            return .warn(
                subject,
                "\(build), but no NVIDIA driver is found (\(said(driver))); \(processor)",
                fix:
                    "install NVIDIA's driver, or give the container its GPU (docker --gpus all, apptainer --nv); without a GPU "
                    + "that is how it stays"
            )
        case (true, true, _) where driver.gpus.isEmpty && driver.hasNoDevice:
            return .warn(
                subject,
                "\(build) and there is a driver, but it shows no device\(masked(driver)); \(words); \(processor)",
                fix: driver.mask == nil
                    ? "give this process its GPU: of a Slurm job --gres=gpu:1, of a container --gpus all"
                    : "unset CUDA_VISIBLE_DEVICES, or name devices in it that are there"
            )
        case (true, true, _) where driver.gpus.isEmpty:
            return .warn(
                subject,
                "\(build), but the driver fails (\(said(driver))); \(words); \(processor)",
                fix: "have the driver looked at: nvidia-smi, dmesg"
            )
        case (true, true, _):
            return .warn(
                subject,
                "\(names): there, but LibTorch cannot use it; \(words), \(build)",
                fix: "the driver may be too old for this LibTorch: update it, or use a LibTorch of an older CUDA"
            )
        }
    }

    /// `; auto takes cuda:1`: of several, by the memory that is free now.
    private static func taken(_ machine: MachineRequest.Answer, _ driver: DriverFacts) -> String {
        guard let count = machine.devices, count > 1 else { return "" }
        let free = driver.gpus.map(\.freeMemory)
        let visible = VisibleDevices(count: count, isBuiltWithCUDA: true, mask: driver.mask, free: free)
        return (try? visible.devices(of: .auto)).map { "; auto takes \(ComputeDevice.list($0))" } ?? ""
    }

    private static func words(of driver: DriverFacts) -> String {
        let release = driver.release.map { "driver \($0)" } ?? "driver"
        return driver.cuda.map { "\(release) for CUDA up to \($0)" } ?? release
    }

    private static func said(_ driver: DriverFacts) -> String {
        (driver.fault ?? "it names no device") + masked(driver)
    }

    private static func masked(_ driver: DriverFacts) -> String {
        driver.mask.map { ", CUDA_VISIBLE_DEVICES is '\(ShownText.line($0, limit: 80))'" } ?? ""
    }

    private static func line(_ check: DeviceCheck, _ gpu: DriverFacts.GPU?) -> DoctorReport.Line {
        let facts = gpu.map { gpu in
            let free = gpu.freeMemory.map { ", \(DoctorFolders.size($0)) free" } ?? ""
            return "\(gpu.name), compute capability \(gpu.capability), \(DoctorFolders.size(gpu.memory))\(free); "
        }
        let rates = check.products.map { product in
            "\(product.precision.rawValue) \(rate(product.rate))"
        }
        let text = (facts ?? "") + (rates.isEmpty ? "nothing was computed" : rates.joined(separator: ", "))
        if gpu?.hasKernels == false {
            let text = "\(text); LibTorch has no kernels for compute capability \(gpu?.capability ?? "")"
            return .fail(check.device, text, fix: "name other devices, or use a LibTorch that has them")
        }
        if let wrong = check.products.first(where: { !$0.isRight }) {
            let found = wrong.error.map { String(format: "differ by %.1e of the largest", $0) } ?? "are none"
            let bound = String(format: "%.0e is the most", wrong.bound)
            return .fail(
                check.device,
                "\(text); WRONG numbers: those of a product in \(wrong.precision.rawValue) \(found), \(bound)",
                fix: "trust nothing that it computes, and have it looked at"
            )
        }
        if let failure = check.failure {
            let subject = failure.subject.flatMap { $0 == check.device ? nil : "\($0): " } ?? ""
            let said = "\(text); \(subject)\(failure.message)"
            if failure.code.isOfMachine {
                // Another try may find it well.
                let isLost = DeviceFault(failure.message) == .lost
                let fix =
                    isLost
                    ? "try again, have its driver looked at (nvidia-smi, dmesg)" : "end what else is at work there"
                return .down(check.device, said, fix: "\(fix), or name other devices")
            }
            // What the environment forbids is said with its way out.
            let fix = failure.code == .usage ? "correct that" : "name other devices, and have its driver looked at"
            return .fail(check.device, said, fix: fix)
        }
        return .ok(check.device, "\(text); the numbers are right")
    }

    /// `702 TFLOP/s`, `0.12 TFLOP/s`
    private static func rate(_ flops: Double) -> String {
        let value = flops / 1e12
        return String(format: value >= 100 ? "%.0f TFLOP/s" : value >= 1 ? "%.1f TFLOP/s" : "%.3f TFLOP/s", value)
    }
}
