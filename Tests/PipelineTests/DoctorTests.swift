import Config
import Foundation
import Messages
import Records
import TestSupport
import Testing

@testable import Pipeline

/// What `wsi doctor` makes of versions, machines and folders.
@Suite struct DoctorTests {
    private let scratch: Scratch

    init() throws {
        // A program that answers without a look at its question breaks the pipe.
        signal(SIGPIPE, SIG_IGN)
        scratch = try Scratch()
    }

    @Test(arguments: [
        ("4.0.1", nil, "4.7.1", DoctorReport.Verdict.ok), ("4.1.0", "4.1.0-1", "4.7.1", .ok),
        ("3.4.1", "3.4.1+dfsg-6+deb12u1", "4.5.0", .ok), ("3.4.1", "3.4.1+dfsg-6+deb12u2", "4.5.0", .ok),
        ("3.4.1", "3.4.1+dfsg-6", "4.5.0", .fail), ("3.4.1", "3.4.1+dfsg-5", "4.5.0", .fail),
        ("3.4.1", "3.4.1+dfsg-6+deb12u1", "4.7.1", .warn), ("3.4.1", "3.4.1+dfsg-7build1", "4.5.1", .warn),
        ("4.0.0", "4.0.0-2", "4.7.0", .warn), ("3.4.1", nil, "4.5.0", .warn), ("none", nil, "4.5.0", .warn),
    ])
    func theFaultsOfAnOpenSlideAreKnownByItsVersionAndItsPackage(
        _ version: String,
        _ package: String?,
        _ tiff: String,
        _ verdict: DoctorReport.Verdict
    ) {
        let file = "/opt/lib/libopenslide.so.0"
        let line = DoctorOpenSlide.line(version, file: file, package: package, tiff: tiff)
        #expect(line.verdict == verdict, "\(line.text)")
        #expect(line.text.hasPrefix("\(version), \(file)"), "which file it is tells where to mend it")
        #expect((line.fix == nil) == (verdict == .ok))
    }

    @Test func versionsAreComparedNumberByNumber() throws {
        let texts = ["3.4.1", "3.10", "4.0.1", "4.0.1.2", "4.7"]
        let versions = try texts.map { try #require(DoctorVersion($0)) }
        #expect(versions == versions.sorted())
        #expect(DoctorVersion("4.7.0") == DoctorVersion("4.7") && DoctorVersion("x") == nil)
    }

    private func machine(_ files: [String: String], workers: Int = 8) throws -> DoctorMachine {
        for (path, text) in files { try scratch.add("root/\(path)", text) }
        return DoctorMachine(root: scratch.file("root").path, environment: [:], threads: workers)
    }

    @Test func aQuotaOfTheControlGroupIsToldWithItsFileAndTheWorkersThatFit() throws {
        let machine = try machine([
            "proc/cpuinfo": "processor\t: 0\nmodel name\t: A Processor\nflags\t\t: fpu avx2 avx512f\n",
            "proc/self/cgroup": "0::/job/step\n", "sys/fs/cgroup/job/cpu.max": "250000 100000\n",
            "proc/meminfo": "MemTotal: 64000000 kB\nMemAvailable: 60000000 kB\n",
            "sys/fs/cgroup/job/step/memory.max": "900000000\n", "sys/fs/cgroup/memory.max": "max\n",
        ])
        let processor = machine.processor()
        let quota = "2.5 to use (/sys/fs/cgroup/job/cpu.max): 3 worker(s) by default"
        #expect(processor.text == "A Processor, 8 thread(s), \(quota); avx2 avx512f")
        #expect((processor.verdict, processor.fix) == (.ok, nil))
        let memory = machine.memory()
        #expect(memory.text == "65.5 GB, 61.4 GB free; 900 MB to use (/sys/fs/cgroup/job/step/memory.max)")
        #expect((memory.verdict, memory.fix) == (.warn, "3 workers may want more; give --workers 2"))
    }

    @Test func aSlurmJobIsToldWithItsTimeAndWhatItsVariablesSayThatIsNotSo() async throws {
        var machine = try machine([:])
        #expect(await machine.job().isEmpty)
        let end = "\(Int(Date().timeIntervalSince1970) + 3700)"
        machine.environment = ["SLURM_JOB_ID": "17", "SLURM_JOB_END_TIME": end, "SLURM_CPUS_PER_TASK": "many"]
        let lines = await machine.job()
        #expect(lines.map(\.verdict) == [.warn, .ok])
        #expect(lines[0].text.hasPrefix("SLURM_CPUS_PER_TASK is 'many'"))
        #expect(lines[1].text.hasPrefix("Slurm job 17, 1:01:") && lines[1].text.hasSuffix("left (SLURM_JOB_END_TIME)"))
    }

    @Test func aMachineWithoutMemoryIsShortOfItNow() throws {
        let machine = try machine([
            "proc/cpuinfo": "model name: Old\nflags: sse2\n",
            "proc/meminfo": "MemTotal: 4000000 kB\nMemAvailable: 100000 kB\n",
        ])
        let (memory, processor) = (machine.memory(), machine.processor())
        #expect((memory.verdict, memory.isOfMachine) == (.fail, true))
        #expect(processor.verdict == .warn && processor.text.hasSuffix("no vector instructions"))
        #expect(DoctorReport(lines: [memory]).exitStatus == .temporary)
        let broken = DoctorReport.Line.fail("wsi-compute", "is not there", fix: "install it")
        #expect(DoctorReport(lines: [memory, broken]).exitStatus == .usage)
        #expect(DoctorReport(lines: [processor]).exitStatus == .ok)
    }

    @Test func aFolderIsTriedAndLeftAsItWas() throws {
        let folder = scratch.file("job")
        try scratch.add("job/file")
        let line = DoctorFolders.line("job", folder, isTried: true)
        #expect(line.text.hasPrefix(folder.path) && !line.text.contains("cannot be written"), "\(line.text)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["file"])
        let planned = DoctorFolders.line("job", scratch.file("a/b/c"), isTried: true)
        #expect(planned.text.contains("not there yet; of \(scratch.folder.path)"), "\(planned.text)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path) == ["job"])
    }

    @Test func theFileSystemOfAFolderIsThatOfTheNearestMount() {
        let mounts = DoctorMounts(
            table: "/dev/a / ext4 rw 0 0\nn:/x /data nfs4 rw 0 0\nt /data/my\\040tmp tmpfs rw 0 0\n"
        )
        #expect(["/", "/home/x", "/database"].map { mounts.kind(of: $0) } == ["ext4", "ext4", "ext4"])
        #expect(["/data", "/data/x", "/data/my tmp/x"].map { mounts.kind(of: $0) } == ["nfs4", "nfs4", "tmpfs"])
    }
}
