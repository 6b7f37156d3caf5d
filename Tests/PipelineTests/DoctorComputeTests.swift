import Config
import Foundation
import Messages
import Records
import TestSupport
import Testing

@testable import Pipeline

/// What `wsi doctor` makes of `wsi-compute`, the driver and the devices.
@Suite struct DoctorComputeTests {
    private let scratch: Scratch

    init() throws {
        // A program that answers without a look at its question breaks the pipe.
        signal(SIGPIPE, SIG_IGN)
        scratch = try Scratch()
    }

    private func machine(cuda: String? = nil, devices: Int? = nil, release: String = Release.version)
        -> MachineRequest.Answer
    {
        .init(
            release: release,
            libtorch: "2.13.0",
            capability: "AVX2",
            hasOneDNN: false,
            precision: .bf16,
            devices: devices,
            isBuiltWithCUDA: cuda != nil,
            cuda: cuda
        )
    }

    private func gpu(_ index: Int, hasKernels: Bool? = true, free: Int = 149_000_000_000) -> DriverFacts.GPU {
        .init(
            index: index,
            name: "NVIDIA H200",
            capability: "9.0",
            memory: 150_000_000_000,
            freeMemory: free,
            hasKernels: hasKernels
        )
    }

    private func driver(_ gpus: [DriverFacts.GPU], fault: String? = nil, hasNoDevice: Bool = false, mask: String? = nil)
        -> DriverFacts
    {
        .init(
            isFound: true,
            release: "570.86.15",
            cuda: "12.8",
            fault: fault,
            hasNoDevice: hasNoDevice,
            gpus: gpus,
            mask: mask
        )
    }

    private func check(_ device: ComputeDevice, errors: [Double?] = [1e-6, 2e-3], failure: Failure? = nil)
        -> DeviceCheck
    {
        let products = zip([Precision.fp32, .bf16], errors).map { precision, error in
            let bound = precision == .bf16 ? 1e-2 : 2e-5
            return DeviceCheck.Product(precision: precision, error: error, bound: bound, rate: 51.24e12)
        }
        return DeviceCheck(device: device, products: products, failure: failure)
    }

    @Test func everyGPUIsToldWithItsFactsItsRatesAndWhetherItsNumbersAreRight() {
        let gpus = [gpu(0), gpu(1)]
        let checks = [check(.cpu), check(.cuda(0)), check(.cuda(1))]
        let lines = DoctorGPU.lines(machine(cuda: "12.6", devices: 2), driver(gpus), checks)
        #expect(lines.map(\.subject) == ["GPU", "cpu", "cuda:0", "cuda:1"])
        #expect(lines.allSatisfy { $0.verdict == .ok })
        let names = "NVIDIA H200 (9.0); NVIDIA H200 (9.0)"
        let whole = "\(names); driver 570.86.15 for CUDA up to 12.8; LibTorch has CUDA 12.6; auto takes"
        #expect(lines[0].text == "\(whole) cuda:0")
        let busy = DoctorGPU.lines(
            machine(cuda: "12.6", devices: 2),
            driver([gpu(0, free: 1_000_000_000), gpu(1)]),
            checks
        )
        #expect(busy[0].text == "\(whole) cuda:1")
        #expect(lines[1].text == "fp32 51.2 TFLOP/s, bf16 51.2 TFLOP/s; the numbers are right")
        let facts = "NVIDIA H200, compute capability 9.0, 150.0 GB, 149.0 GB free"
        #expect(lines[2].text == "\(facts); \(lines[1].text)")
    }

    @Test(arguments: [[1e-6, 0.3], [1e-6, nil], [4e-4, 2e-3]] as [[Double?]])
    func aWrongNumberIsAFailureInWords(_ errors: [Double?]) {
        let checks = [check(.cpu), check(.cuda(0), errors: errors)]
        let lines = DoctorGPU.lines(machine(cuda: "12.6", devices: 1), driver([gpu(0)]), checks)
        #expect(lines.map(\.verdict) == [.ok, .ok, .fail])
        #expect(lines[2].text.contains("WRONG numbers: those of a product in"), "\(lines[2].text)")
        #expect(DoctorReport(lines: lines).exitStatus == .usage)
    }

    @Test func aDeviceThatDoesNotComputeFailsAndOneThatIsFullIsForAnotherTime() {
        func line(_ failure: Failure, hasKernels: Bool? = true) -> DoctorReport.Line {
            let check = check(.cuda(0), errors: [], failure: failure)
            let facts = driver([gpu(0, hasKernels: hasKernels)])
            return DoctorGPU.lines(machine(cuda: "12.6", devices: 1), facts, [check])[1]
        }
        let lost = line(Failure(.torch, "cuda:0", "CUDA error: an illegal access"))
        #expect((lost.verdict, lost.isOfMachine) == (.fail, false))
        #expect(lost.text.hasSuffix("nothing was computed; CUDA error: an illegal access"))
        let full = line(Failure(.io, "cuda:0", "CUDA out of memory"))
        #expect((full.verdict, full.isOfMachine) == (.fail, true))
        #expect(full.fix?.hasPrefix("end what else is at work there") == true)
        let gone = line(Failure(.io, "cuda:0", "CUDA error: unspecified launch failure"))
        #expect(gone.isOfMachine && gone.fix?.contains("have its driver looked at") == true)
        let old = line(Failure(.torch, "cuda:0", "no kernel image"), hasKernels: false)
        #expect(old.verdict == .fail && old.text.hasSuffix("LibTorch has no kernels for compute capability 9.0"))
    }

    @Test func whyThereIsNoGPUIsSaid() {
        func line(_ cuda: String?, _ facts: DriverFacts, devices: Int? = nil) -> DoctorReport.Line {
            DoctorGPU.lines(machine(cuda: cuda, devices: devices), facts, [])[0]
        }
        let absent = DriverFacts(isFound: false, fault: "libcuda.so.1: cannot open shared object file")
        let none = driver([], fault: "cuInit: CUDA_ERROR_NO_DEVICE (100)", hasNoDevice: true)
        let hidden = driver([], fault: "cuInit: CUDA_ERROR_NO_DEVICE (100)", hasNoDevice: true, mask: "")
        let broken = driver([], fault: "cuInit: CUDA_ERROR_SYSTEM_NOT_READY (802)")
        // A LibTorch for processors misses nothing where there is nothing.
        let plain = line(nil, absent)
        #expect(plain.verdict == .ok)
        #expect(
            plain.text.hasPrefix("none: LibTorch is a build without CUDA, and there is no NVIDIA driver (libcuda.so.1)")
        )
        #expect(line(nil, none).verdict == .ok && line(nil, none).text.contains("CUDA_ERROR_NO_DEVICE"))
        let unused = line(nil, driver([gpu(0, hasKernels: nil)]))
        #expect(unused.verdict == .warn && unused.text.hasPrefix("NVIDIA H200 (9.0): there, but LibTorch is a build"))
        // One that would compute there says that it does not.
        let texts = [absent, none, hidden, broken, driver([gpu(0)])].map { line("13.0", $0) }
        #expect(texts.allSatisfy { $0.verdict == .warn && $0.fix != nil })
        #expect(texts[0].text.contains("but no NVIDIA driver is found (libcuda.so.1: cannot open shared object file)"))
        #expect(texts[1].text.contains("there is a driver, but it shows no device; driver 570.86.15"))
        #expect(texts[2].text.contains("it shows no device, CUDA_VISIBLE_DEVICES is ''; "))
        #expect(texts[2].fix?.hasPrefix("unset CUDA_VISIBLE_DEVICES") == true)
        #expect(texts[3].text.contains("but the driver fails (cuInit: CUDA_ERROR_SYSTEM_NOT_READY (802))"))
        #expect(texts[4].text.contains("there, but LibTorch cannot use it"))
        #expect(DoctorCompute.graphics(["NVIDIA H200"]).map(\.verdict) == [.ok])
    }

    @Test func aProgramThatIsMissingOrOfAnotherBuildFails() async throws {
        let gone = DoctorCompute(programs: Programs(wsi: "/none", compute: scratch.file("none").path))
        #expect(await gone.findings().lines.first?.verdict == .fail)
        let old = try scratch.program(
            "old",
            "read line; echo 'wsi: error[E_USAGE] usage: wsi-compute encode|train' >&2; exit 2"
        )
        let older = DoctorCompute(programs: Programs(wsi: "/none", compute: old))
        let line = try #require(await older.findings().lines.first)
        #expect(line.verdict == .fail && line.fix?.hasPrefix("install both from one build") == true)
        let said = try scratch.add("answer", frames: Frame(.answer, machine(release: "0.0.1")))
        let other = try scratch.program("other", "cat '\(said.path)'")
        let lines = await DoctorCompute(programs: Programs(wsi: "/none", compute: other)).findings().lines
        #expect(lines.first?.text == "0.0.1 beside wsi \(Release.version)" && lines.first?.verdict == .fail)
        #expect(lines[1].text == "2.13.0, kernels for AVX2, no oneDNN, networks compute in bf16, no CUDA")
    }

    /// What was told before counts, and the device that ended the process is named.
    @Test func aDriverThatEndsTheProcessCostsNoLineOfTheOthers() async throws {
        let known = try scratch.add("machine", frames: Frame(.answer, machine(cuda: "12.6", devices: 2)))
        let words: [DevicesRequest.Word] = [
            .driver(driver([gpu(0), gpu(1)])), .begins(.cpu), .check(check(.cpu)), .begins(.cuda(0)),
            .check(check(.cuda(0))), .begins(.cuda(1)),
        ]
        let frames = try words.map { try Frame(.word, $0).encoded() }.reduce(Frame.hello, +)
        try frames.write(to: scratch.file("words"))
        let script = """
            if [ "$1" = machine ]; then exec cat '\(known.path)'; fi
            cat '\(scratch.file("words").path)'
            kill -11 $$
            """
        let programs = Programs(wsi: "/none", compute: try scratch.program("compute", script))
        let findings = await DoctorCompute(programs: programs).findings()
        #expect(findings.devices.map(\.device) == ["cpu", "cuda:0"] && findings.driver?.gpus.count == 2)
        let last = try #require(findings.lines.last)
        #expect((last.verdict, last.subject) == (.fail, "devices"))
        #expect(last.text.hasPrefix("the check ended at cuda:1: ") && last.text.contains("signal 11"), "\(last.text)")
    }

    @Test func whereNoDeviceHadBegunNoneIsNamed() {
        let end = Failure(.io, "wsi-compute devices", "it was ended by signal 11 (SIGSEGV)")
        func last(_ driver: DriverFacts?, _ checks: [DeviceCheck], at place: ComputeDevice? = nil) -> String {
            DoctorGPU.lines(machine(cuda: "12.6", devices: 1), driver, checks, end: end, at: place).last?.text ?? ""
        }
        #expect(last(nil, []).hasPrefix("the check ended while the driver was asked: "))
        #expect(last(driver([gpu(0)]), []).hasPrefix("the check ended between the devices: "))
        #expect(last(driver([gpu(0)]), [], at: .cpu).hasPrefix("the check ended at cpu: "))
    }

    /// A driver that hangs holds even processes that are killed.
    @Test func aProgramThatNeverAnswersIsGivenUp() async throws {
        let slow = try scratch.program("slow", "exec sleep 60")
        var doctor = DoctorCompute(programs: Programs(wsi: "/none", compute: slow))
        (doctor.timeout, doctor.patience) = (.milliseconds(200), .seconds(30))
        let line = try #require(await doctor.findings().lines.first)
        #expect((line.verdict, line.isOfMachine) == (.fail, true))
        #expect(line.text.contains("no end within its time; the driver of a GPU may hang"), "\(line.text)")
    }

    @Test func workThatNeverEndsIsGivenUpAndOtherWorkIsNot() async throws {
        let never = try await Patience.value(within: .milliseconds(100)) {
            await withUnsafeContinuation { (_: UnsafeContinuation<Int, Never>) in }
        }
        #expect(never == nil)
        #expect(try await Patience.value(within: .seconds(60)) { 7 } == 7)
        await #expect(throws: Failure(.io, nil, "gone")) {
            try await Patience.value(within: .seconds(60)) { () async throws -> Int in throw Failure(.io, nil, "gone") }
        }
    }
}
